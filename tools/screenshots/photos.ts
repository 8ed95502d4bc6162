import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import type { Area } from '@/lib/images/schema'
import { ApiClient, type UploadFile } from '@/tools/testing/api-client'

type Sample = 'portrait' | 'cat' | 'landscape'

/** A saved photo: a sample, enlarged, perhaps with other colours, and cut. */
interface SavedPhoto {
  sample: Sample
  change?: (photo: Sharp) => Sharp
  /** The cut square, in pixels of the sample. */
  square: { x: number; y: number; side: number }
  alt: string
}

/** The samples are small; photos of people are not, and the editor warns about small ones. */
const scale = 4

/** Oldest first. The last one is in use. */
const savedPhotos: SavedPhoto[] = [
  { sample: 'landscape', square: { x: 150, y: 0, side: 400 }, alt: 'Coffee' },
  { sample: 'cat', square: { x: 60, y: 0, side: 300 }, alt: 'Chelsea' },
  {
    sample: 'portrait',
    change: (photo) => photo.grayscale(),
    square: { x: 20, y: 10, side: 340 },
    alt: 'Black and white',
  },
  {
    sample: 'landscape',
    change: (photo) => photo.modulate({ hue: 200, saturation: 0.6 }),
    square: { x: 200, y: 60, side: 300 },
    alt: 'Blue coffee',
  },
  {
    sample: 'cat',
    change: (photo) => photo.grayscale().flop(),
    square: { x: 90, y: 0, side: 300 },
    alt: 'Chelsea again',
  },
  { sample: 'portrait', change: (photo) => photo.flop(), square: { x: 60, y: 0, side: 320 }, alt: 'Looking left' },
  { sample: 'portrait', square: { x: 35, y: 0, side: 310 }, alt: 'In the orange suit' },
]

/** Creates a photo as a phone would, from a sample. */
export async function enlarged(sample: Sample, change = (photo: Sharp) => photo): Promise<UploadFile> {
  const file = sharp(fileURLToPath(new URL(`../../e2e/samples/${sample}.jpg`, import.meta.url)))
  const { width } = await file.metadata()
  const buffer = await change(file.resize({ width: width * scale, kernel: 'lanczos3' }))
    .jpeg({ quality: 90 })
    .toBuffer()
  return { name: `${sample}.jpg`, mimeType: 'image/jpeg', buffer }
}

/** Saves a few photos as a new guest. @returns the session, as a `Cookie` header */
export async function savePhotos(origin: string): Promise<string> {
  const person = await ApiClient.signIn({ origin })
  for (const { sample, change, square, alt } of savedPhotos) {
    const uploadId = await person.upload(await enlarged(sample, change))
    const side = square.side * scale
    const area: Area = { x: square.x * scale, y: square.y * scale, width: side, height: side }
    const { cropId } = await person.crop({ uploadId, area })
    const { imageId } = await person.save({ uploadId, cropId })
    await person.call(200, 'PATCH', `/api/images/${imageId}`, { alt })
  }
  return person.cookie
}
