import { fileURLToPath } from 'node:url'
import sharp, { type Raw, type Sharp } from 'sharp'
import { brandOnly } from '@/lib/images/engine/test-support/avif'
import { gif } from '@/lib/images/engine/test-support/gif'
import { animatedPng, pngClaimingSize } from '@/lib/images/engine/test-support/png'
import type { UploadFile } from '@/tools/testing/api-client'

export type Photo = UploadFile

const sample = (name: string) => sharp(fileURLToPath(new URL(`./samples/${name}`, import.meta.url)))

/** Creates a portrait of 384×512 pixels. */
export async function portrait(): Promise<Photo> {
  return asJpeg('portrait.jpg', await sample('portrait.jpg').jpeg().toBuffer())
}

/** Returns an area inside the portrait: 300 pixels wide and high. */
export const portraitArea = (x = 20) => ({ x, y: 30, width: 300, height: 300 })

/** Creates a photo as a phone stores it: the sensor's pixels, and an EXIF orientation that says how to turn them. */
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
  const stored = (turn[orientation] as (upright: Sharp) => Sharp)(sample('portrait.jpg'))
  // A separate step turns the pixels, because sharp would apply the orientation to its output.
  const { data, info } = await stored.raw().toBuffer({ resolveWithObject: true })
  const buffer = await sharp(data, { raw: info as Raw })
    .withMetadata({ orientation })
    .jpeg({ quality: 92 })
    .toBuffer()
  return asJpeg(`orientation-${orientation}.jpg`, buffer)
}

/** Photos in other formats, shapes and colours. */
export const variety = {
  landscape: async () => asJpeg('landscape.jpg', await sample('landscape.jpg').jpeg().toBuffer()),
  png: async (): Promise<Photo> => {
    const mask = Buffer.from('<svg width="384" height="512"><ellipse cx="192" cy="256" rx="190" ry="250"/></svg>')
    const cutOut = sample('portrait.jpg')
      .ensureAlpha()
      .composite([{ input: mask, blend: 'dest-in' }])
    return { name: 'with-alpha.png', mimeType: 'image/png', buffer: await cutOut.png().toBuffer() }
  },
  webp: async (): Promise<Photo> => {
    const buffer = await sample('cat.jpg').webp({ quality: 90 }).toBuffer()
    return { name: 'cat.webp', mimeType: 'image/webp', buffer }
  },
  /** Chromium does not turn it; libvips would. */
  'webp-exif-orientation': async (): Promise<Photo> => {
    const buffer = await sample('cat.jpg').webp({ quality: 90 }).withMetadata({ orientation: 6 }).toBuffer()
    return { name: 'oriented.webp', mimeType: 'image/webp', buffer }
  },
  grayscale: async () => asJpeg('grayscale.jpg', await sample('portrait.jpg').grayscale().jpeg().toBuffer()),
  phone: async () => {
    const large = sample('landscape.jpg').resize(4032, 2688).withMetadata({ orientation: 1 })
    return asJpeg('from-a-phone.jpg', await large.jpeg({ quality: 90 }).toBuffer())
  },
}

/** A PNG with two frames, red and blue. */
export async function movingPng(): Promise<Photo> {
  const flat = (background: string) =>
    sharp({ create: { width: 600, height: 600, channels: 3, background } })
      .png()
      .toBuffer()
  const buffer = animatedPng([await flat('#e02020'), await flat('#2020e0')])
  return { name: 'moving.png', mimeType: 'image/png', buffer }
}

/** A GIF that alternates between red and blue forever. */
export async function movingGif(): Promise<Photo> {
  const frames = ['#e02020', '#2020e0'].map((background) =>
    sharp({ create: { width: 600, height: 600, channels: 3, background } })
      .raw()
      .toBuffer(),
  )
  const raw = { width: 600, height: 1200, channels: 3 as const, pageHeight: 600 }
  const image = sharp(Buffer.concat(await Promise.all(frames)), { raw })
  return {
    name: 'moving.gif',
    mimeType: 'image/gif',
    buffer: await image.gif({ delay: [300, 300], loop: 0 }).toBuffer(),
  }
}

/** Photos that browsers show, as odd phones and programs write or name them. */
export const oddFiles = {
  'a JPEG without an ending and a type': async (): Promise<Photo> => ({
    ...(await portrait()),
    name: 'photo',
    mimeType: 'application/octet-stream',
  }),
  'a PNG with an outdated type and without its last chunk': async (): Promise<Photo> => {
    const { buffer } = await variety.png()
    return { name: 'old.png', mimeType: 'image/x-png', buffer: buffer.subarray(0, -12) }
  },
  'a JPEG without its end mark': async () => asJpeg('panorama.jpg', (await portrait()).buffer.subarray(0, -2)),
  'a GIF without its trailer': async (): Promise<Photo> => {
    const buffer = await sample('cat.jpg').gif().toBuffer()
    return { name: 'cat.gif', mimeType: 'image/gif', buffer: buffer.subarray(0, -1) }
  },
}

/** Files with the type and name of a photo, and other or damaged contents. */
export const notQuite = {
  /** A PNG with the name and type of a JPEG, which is harmless. */
  png: async () => asJpeg('really-a-png.jpg', (await variety.png()).buffer),
  pdf: () => asJpeg('really-a-pdf.jpg', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n')),
  svg: () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>'
    return asJpeg('really-an-svg.jpg', Buffer.from(svg))
  },
  html: () => asJpeg('really-a-page.jpg', Buffer.from('<!doctype html><script>alert(1)</script>')),
  /** Ends in the middle. Browsers show the first part. */
  truncated: async () => {
    const { buffer } = await portrait()
    return asJpeg('truncated.jpg', buffer.subarray(0, Math.floor(buffer.length / 2)))
  },
  /** A sequence of AV1 frames, which hosts do not decode. Its first bytes are enough. */
  movingAvif: (): Photo => ({ name: 'moving.avif', mimeType: 'image/avif', buffer: brandOnly('avis') }),
  /** Many tiny frames, each of which would be drawn at the largest size. */
  longAnimation: (): Photo => ({
    name: 'long.gif',
    mimeType: 'image/gif',
    buffer: gif({ width: 64, height: 64 }, 200),
  }),
  /** A few bytes with a header of 65,000 × 65,000 pixels. */
  bomb: (): Photo => ({ name: 'bomb.png', mimeType: 'image/png', buffer: pngClaimingSize(65_000, 65_000) }),
}

function asJpeg(name: string, buffer: Buffer): Photo {
  return { name, mimeType: 'image/jpeg', buffer }
}
