/** What the browser can read of a picture: pixels of the upright picture (EXIF orientation applied). */
export interface PictureSize {
  width: number
  height: number
}

interface ShrinkLimits {
  maxBytes: number
  maxPixels: number
  /** What to encode as. A browser that cannot gives PNG instead; the answer's own type says which it is. */
  type: 'image/jpeg' | 'image/webp'
}

/** The largest canvas that every browser can draw (Safari on iOS: 4096 × 4096). */
const maxCanvasPixels = 4096 * 4096

/** Looks the same to the eye at a fraction of the bytes. */
const quality = 0.9

/** The picture's size as the browser shows it, or null where the browser cannot read it as a picture. */
export async function measurePicture(file: Blob): Promise<PictureSize | null> {
  return withPicture(file, async (picture) => ({ width: picture.naturalWidth, height: picture.naturalHeight }))
}

/**
 * Draws the picture again, upright, as small as it must be to fit the limits, and encodes it.
 * Null where the browser cannot read, draw or encode it.
 */
export async function shrinkPicture(file: File, { maxBytes, maxPixels, type }: ShrinkLimits): Promise<File | null> {
  return withPicture(file, async (picture) => {
    const pixels = picture.naturalWidth * picture.naturalHeight
    let scale = Math.min(1, Math.sqrt(Math.min(maxPixels, maxCanvasPixels) / pixels))
    for (let tries = 0; tries < 5; tries++) {
      const encoded = await encode(picture, scale, type)
      if (!encoded) return null
      if (encoded.size <= maxBytes) return new File([encoded], renamed(file.name, encoded.type), { type: encoded.type })
      // Bytes grow roughly with the area; a little less, so that the next try fits.
      scale *= Math.sqrt(maxBytes / encoded.size) * 0.9
    }
    return null
  })
}

/** Loads the file into an image element, which reads the size without decoding all pixels. */
async function withPicture<T>(file: Blob, use: (picture: HTMLImageElement) => Promise<T>): Promise<T | null> {
  const url = URL.createObjectURL(file)
  try {
    const picture = new Image()
    const readable = await new Promise<boolean>((resolve) => {
      picture.onload = () => resolve(picture.naturalWidth > 0)
      picture.onerror = () => resolve(false)
      picture.src = url
    })
    return readable ? await use(picture) : null
  } finally {
    URL.revokeObjectURL(url)
  }
}

async function encode(picture: HTMLImageElement, scale: number, type: string): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(picture.naturalWidth * scale))
  canvas.height = Math.max(1, Math.floor(picture.naturalHeight * scale))
  const context = canvas.getContext('2d')
  if (!context) return null
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality))
}

function renamed(name: string, type: string): string {
  const extension = type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length)
  return `${name.replace(/\.[^.]*$/, '')}.${extension}`
}
