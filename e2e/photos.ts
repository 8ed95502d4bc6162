import { fileURLToPath } from 'node:url'
import sharp, { type Raw, type Sharp } from 'sharp'
import { pngClaimingSize } from '@/lib/images/engine/test-support/png'

/** A file for the picker. */
export interface Photo {
  name: string
  mimeType: string
  buffer: Buffer
}

const fileOf = (name: string) => fileURLToPath(new URL(`./samples/${name}`, import.meta.url))

/** A portrait of 384×512 pixels. */
export async function portrait(): Promise<Photo> {
  return { name: 'portrait.jpg', mimeType: 'image/jpeg', buffer: await sharp(fileOf('portrait.jpg')).jpeg().toBuffer() }
}

/** A photo as a phone stores it: the sensor's pixels, and an EXIF orientation that says how to turn them. */
export async function oriented(orientation: number): Promise<Photo> {
  const turn: Record<number, (upright: Sharp) => Sharp> = {
    1: (upright) => upright,
    2: (upright) => upright.flop(),
    3: (upright) => upright.rotate(180),
    4: (upright) => upright.flip(),
    5: (upright) => upright.rotate(90).flip(),
    6: (upright) => upright.rotate(270),
    7: (upright) => upright.rotate(270).flip(),
    8: (upright) => upright.rotate(90),
  }
  const stored = (turn[orientation] as (upright: Sharp) => Sharp)(sharp(fileOf('portrait.jpg')))
  // The pixels are turned in a step of their own: sharp would apply the orientation to what it writes.
  const { data, info } = await stored.raw().toBuffer({ resolveWithObject: true })
  const buffer = await sharp(data, { raw: info as Raw })
    .withMetadata({ orientation })
    .jpeg({ quality: 92 })
    .toBuffer()
  return { name: `orientation-${orientation}.jpg`, mimeType: 'image/jpeg', buffer }
}

/** The same photo in other formats, shapes and colours. */
export const variety = {
  landscape: async (): Promise<Photo> => ({
    name: 'landscape.jpg',
    mimeType: 'image/jpeg',
    buffer: await sharp(fileOf('landscape.jpg')).jpeg().toBuffer(),
  }),
  png: async (): Promise<Photo> => {
    const mask = Buffer.from('<svg width="384" height="512"><ellipse cx="192" cy="256" rx="190" ry="250"/></svg>')
    const buffer = await sharp(fileOf('portrait.jpg'))
      .ensureAlpha()
      .composite([{ input: mask, blend: 'dest-in' }])
      .png()
      .toBuffer()
    return { name: 'with-alpha.png', mimeType: 'image/png', buffer }
  },
  webp: async (): Promise<Photo> => ({
    name: 'cat.webp',
    mimeType: 'image/webp',
    buffer: await sharp(fileOf('cat.jpg')).webp({ quality: 90 }).toBuffer(),
  }),
  grayscale: async (): Promise<Photo> => ({
    name: 'grayscale.jpg',
    mimeType: 'image/jpeg',
    buffer: await sharp(fileOf('portrait.jpg')).grayscale().jpeg().toBuffer(),
  }),
  phone: async (): Promise<Photo> => ({
    name: 'from-a-phone.jpg',
    mimeType: 'image/jpeg',
    buffer: await sharp(fileOf('landscape.jpg'))
      .resize(4032, 2688)
      .withMetadata({ orientation: 1 })
      .jpeg({ quality: 90 })
      .toBuffer(),
  }),
}

/** Files that say they are JPEGs of a person, and are not quite. */
export const notQuite = {
  /** What its name and type say is a JPEG, and its bytes say is a PNG: harmless. */
  png: async (): Promise<Photo> => asJpeg('really-a-png.jpg', (await variety.png()).buffer),
  pdf: (): Photo => asJpeg('really-a-pdf.jpg', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n')),
  svg: (): Photo =>
    asJpeg(
      'really-an-svg.jpg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>'),
    ),
  html: (): Photo => asJpeg('really-a-page.jpg', Buffer.from('<!doctype html><script>alert(1)</script>')),
  /** It breaks off in the middle; browsers show what there is of it. */
  truncated: async (): Promise<Photo> => {
    const { buffer } = await portrait()
    return asJpeg('truncated.jpg', buffer.subarray(0, Math.floor(buffer.length / 2)))
  },
  /** 65,000 × 65,000 pixels, it says, in a few bytes. */
  bomb: (): Photo => ({ name: 'bomb.png', mimeType: 'image/png', buffer: pngClaimingSize(65_000, 65_000) }),
}

const asJpeg = (name: string, buffer: Buffer): Photo => ({ name, mimeType: 'image/jpeg', buffer })
