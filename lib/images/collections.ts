/**
 * What a picture is for. A new kind of picture is a new object here, and nothing else:
 * routes, actions, screens and keys are general over it. Words of its own (`collections.<name>` in messages/)
 * and a bucket of its own (`S3_BUCKET_<NAME>`) may follow, and need not.
 */
export interface Collection {
  /** Name in URLs, in the API and in messages: lower-case letters and hyphens. */
  name: string
  /** One letter a-z that opens every imageId of this collection; unique, and never changed once in use. */
  code: string
  /** Width ÷ height of the crop. */
  aspect: number
  /** How the editor masks the crop. What is stored is always the rectangle. */
  mask: 'round' | 'rect'
  /** Largest upload in bytes; the deployment's MAX_UPLOAD_BYTES may lower it. */
  maxUploadBytes: number
  /** Content types that may be uploaded. */
  types: readonly string[]
  /** Rendered sizes in pixels, largest first. */
  variants: readonly Variant[]
}

export interface Variant {
  name: string
  width: number
  height: number
}

/** The raster types that every browser shows and the image engine decodes. */
const photoTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'] as const

const square = (pixels: number): Variant => ({ name: String(pixels), width: pixels, height: pixels })

const wide = (width: number, height: number): Variant => ({ name: `${width}x${height}`, width, height })

export const collections: readonly Collection[] = [
  {
    name: 'avatars',
    code: 'a',
    aspect: 1,
    mask: 'round',
    maxUploadBytes: 15 * 1024 * 1024,
    types: photoTypes,
    variants: [square(512), square(256), square(128), square(64)],
  },
  {
    name: 'covers',
    code: 'c',
    aspect: 3,
    mask: 'rect',
    maxUploadBytes: 25 * 1024 * 1024,
    types: photoTypes,
    variants: [wide(1500, 500), wide(750, 250)],
  },
]

/** The collection that the screens open with. */
export const defaultCollection = collections[0] as Collection

/** The collection of that name, or undefined. */
export function findCollection(name: string): Collection | undefined {
  return collections.find((collection) => collection.name === name)
}

/** The collection that an imageId begins with, or undefined. */
export function collectionOf(imageId: string): Collection | undefined {
  return collections.find((collection) => collection.code === imageId[0])
}
