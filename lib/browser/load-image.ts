/** Size in pixels, with the EXIF orientation applied. */
export interface ImageSize {
  width: number
  height: number
}

interface ShrinkLimits {
  maxBytes: number
  maxPixels: number
  /** Type to encode. A browser that does not support it encodes PNG: read the type of the result. */
  type: 'image/jpeg' | 'image/webp'
}

/** Largest canvas that every browser supports (Safari on iOS: 4096 × 4096). */
const maxCanvasPixels = 4096 * 4096

/** No visible difference, at a fraction of the bytes. */
const quality = 0.9

/** Returns the size of the image as the browser shows it, or null if the browser cannot read it. */
export async function measureImage(file: Blob): Promise<ImageSize | null> {
  return withImage(file, async (image) => ({ width: image.naturalWidth, height: image.naturalHeight }))
}

/**
 * Draws the image upright, scaled down to fit the limits, and encodes it. Returns null if the browser cannot read, draw
 * or encode it.
 */
export async function shrinkImage(file: File, { maxBytes, maxPixels, type }: ShrinkLimits): Promise<File | null> {
  return withImage(file, async (image) => {
    const pixels = image.naturalWidth * image.naturalHeight
    let scale = Math.min(1, Math.sqrt(Math.min(maxPixels, maxCanvasPixels) / pixels))
    for (let tries = 0; tries < 5; tries++) {
      const encoded = await encode(image, scale, type)
      if (!encoded) return null
      if (encoded.size <= maxBytes)
        return new File([encoded], withExtension(file.name, encoded.type), { type: encoded.type })
      // Bytes grow roughly with the area. The margin makes the next try fit.
      scale *= Math.sqrt(maxBytes / encoded.size) * 0.9
    }
    return null
  })
}

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

async function encode(image: HTMLImageElement, scale: number, type: string): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(image.naturalWidth * scale))
  canvas.height = Math.max(1, Math.floor(image.naturalHeight * scale))
  const context = canvas.getContext('2d')
  if (!context) return null
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality))
}

function withExtension(name: string, type: string): string {
  const extension = type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length)
  return `${name.replace(/\.[^.]*$/, '')}.${extension}`
}
