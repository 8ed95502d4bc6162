/**
 * A kind of image. To add one, add an object to `collections`: routes, actions, screens and keys work for all of them.
 * Its own words (`collections.<name>` in messages/) and its own bucket (`S3_BUCKET_<NAME>`) are optional.
 */
export interface Collection {
  /** Name in URLs, the API and messages: lower-case letters and hyphens. */
  name: string
  /** A unique letter a-z, the first character of this collection's ids. Never change it once it is in use. */
  code: string
  /** Width ÷ height of the crop. */
  aspect: number
  /** Shape of the mask in the editor. The stored image is always the full rectangle. */
  mask: 'round' | 'rect'
  /** Largest upload in bytes. MAX_UPLOAD_BYTES can lower it. */
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

/** The collection that the screens show first. */
export const defaultCollection = collections[0] as Collection

/** Returns the collection with this name, or undefined. */
export function findCollection(name: string): Collection | undefined {
  return collections.find((collection) => collection.name === name)
}

/** Returns the collection of an uploadId or imageId by its first letter, or undefined. */
export function collectionOf(id: string): Collection | undefined {
  return collections.find((collection) => collection.code === id[0])
}
