import { encodingQuality, type ImageSize, renameTo, type ShrinkLimits, shrinkToFit } from './shrink'

/** Returns the size of the image as the browser shows it, or null if the browser cannot read it. */
export async function measureImage(file: Blob): Promise<ImageSize | null> {
  return withImage(file, async (image) => sizeOf(image))
}

/**
 * Draws the image upright, scaled down to fit the limits, and encodes it. Returns null if the browser cannot read, draw
 * or encode it.
 * @param type to encode. A browser that does not support it encodes PNG: read the type of the result.
 */
export async function shrinkImage(
  file: File,
  limits: ShrinkLimits & { type: 'image/jpeg' | 'image/webp' },
): Promise<File | null> {
  return withImage(file, async (image) => {
    const encoded = await shrinkToFit(sizeOf(image), limits, (size) => encode(image, size, limits.type))
    return encoded && new File([encoded], renameTo(encoded.type, file.name), { type: encoded.type })
  })
}

const sizeOf = (image: HTMLImageElement): ImageSize => ({ width: image.naturalWidth, height: image.naturalHeight })

/** Loads the file into an image element, which reads the size without decoding all pixels. */
async function withImage<T>(file: Blob, use: (image: HTMLImageElement) => Promise<T>): Promise<T | null> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    const readable = await new Promise<boolean>((resolve) => {
      image.onload = () => resolve(image.naturalWidth > 0)
      image.onerror = () => resolve(false)
      image.src = url
    })
    return readable ? await use(image) : null
  } finally {
    URL.revokeObjectURL(url)
  }
}

async function encode(image: HTMLImageElement, { width, height }: ImageSize, type: string): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) return null
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, width, height)
  return new Promise((resolve) => canvas.toBlob(resolve, type, encodingQuality))
}
