import { readFile } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { createGrayProfile } from '@/lib/images/engine/icc-profile'
import { apertureBox, avifWithProperty, codedColourBox } from '@/lib/images/engine/test-support/avif'
import {
  exifOf,
  jpegWithExif,
  type OrientationTag,
  pngWithExif,
  tiffTypes,
  webpWithExif,
} from '@/lib/images/engine/test-support/exif'
import { type GifFrame, gifOfFrames } from '@/lib/images/engine/test-support/gif'
import { createProfile, shuffled, withProfile } from '@/lib/images/engine/test-support/icc-profile'
import { animatedPng, insertPngChunks, png, pngChunk, pngColour } from '@/lib/images/engine/test-support/png'
import { readRiff, webpFlags, webpHeader, webpOf } from '@/lib/images/engine/test-support/webp'

/** Files on which browsers and libvips disagree, or could, by kind. */

const size = { width: 300, height: 200 }

/** A gradient without symmetry, with a mark at the top left; the lower right part may be transparent. */
function pixels(channels: 3 | 4): Buffer {
  const data = Buffer.alloc(size.width * size.height * channels)
  for (let y = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1) {
      const isMarked = x > 60 && x < 120 && y > 20 && y < 70
      const colour = isMarked ? [250, 250, 250] : [40 + (200 * x) / size.width, 30 + (190 * y) / size.height, 60]
      const alpha = x > 200 && y > 100 ? 0 : 255
      data.set([...colour, alpha].slice(0, channels), (y * size.width + x) * channels)
    }
  }
  return data
}

const picture = (channels: 3 | 4 = 3) => sharp(pixels(channels), { raw: { ...size, channels } })

const encoders = {
  jpg: (from: Sharp) => from.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
  png: (from: Sharp) => from.png().toBuffer(),
  webp: (from: Sharp) => from.webp({ lossless: true }).toBuffer(),
  avif: (from: Sharp) => from.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer(),
  gif: (from: Sharp) => from.gif().toBuffer(),
}
type Format = keyof typeof encoders
const formats = Object.keys(encoders) as Format[]

export const mimeTypes: Record<Format, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
}

export interface ShownFile {
  /** Its end is the format. */
  name: `${string}.${Format}`
  /** Rows at the bottom that Chromium does not draw, because it waits for the rest of the file. */
  missingRows: number
  create: () => Promise<Buffer>
}

const file = (name: ShownFile['name'], create: () => Buffer | Promise<Buffer>, missingRows = 0): ShownFile => ({
  name,
  missingRows,
  create: async () => create(),
})

function withOrientation(format: 'jpg' | 'png' | 'webp', tag: OrientationTag) {
  return async () => {
    const bytes = await encoders[format](picture())
    const exif = exifOf(tag)
    if (format === 'webp') return webpWithExif(bytes, size, exif)
    return format === 'jpg' ? jpegWithExif(bytes, exif) : pngWithExif(bytes, exif)
  }
}

const profile = createProfile(shuffled)
const linear = (stored: number) => stored
const iccChunk = (icc: Buffer) => pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(icc)]))

/** Creates a PNG of 16 bits per channel with a profile. */
function deepPng(channels: 1 | 3): Buffer {
  const lines: number[] = []
  const data = pixels(3)
  for (let at = 0; at < data.length; at += 3) {
    if ((at / 3) % size.width === 0) lines.push(0)
    for (const value of data.subarray(at, at + channels)) lines.push(value, value)
  }
  const colour = channels === 1 ? pngColour.gray : pngColour.rgb
  const bytes = png({ ...size, depth: 16, colour }, Buffer.from(lines))
  return insertPngChunks(bytes, iccChunk(channels === 1 ? createGrayProfile(linear) : profile))
}

function withChunks(name: string, body: number[], isGray = false) {
  return async () => {
    const bytes = await encoders.png(isGray ? picture().toColourspace('b-w') : picture())
    return insertPngChunks(bytes, pngChunk(name, Buffer.from(body)))
  }
}

async function movingPng(hasHiddenImage: boolean): Promise<Buffer> {
  const [first, other] = [await encoders.png(picture()), await encoders.png(picture().negate())]
  return animatedPng([first, other], hasHiddenImage ? other : undefined)
}

async function webpWithProfile(): Promise<Buffer> {
  const { chunks } = readRiff(await encoders.webp(picture()))
  return webpOf([webpHeader(webpFlags.icc, size.width, size.height), { name: 'ICCP', body: profile }, ...chunks])
}

const fixture = (name: string) => readFile(new URL(`../lib/images/engine/test-support/${name}`, import.meta.url))

const frame = (x: number, y: number, width: number, height: number, colour: number, more?: Partial<GifFrame>) => ({
  ...{ x, y, width, height, colour },
  ...more,
})

/** Creates EXIF by which browsers show a JPEG at half its size (HTML, "density-corrected natural width"). */
function halfSizeExif(): Buffer {
  const exif = Buffer.alloc(8 + 54 + 16 + 30)
  exif.write('MM\0*\0\0\0\x08', 'latin1')
  const [resolution, details] = [8 + 54, 8 + 54 + 16]
  const directory = (at: number, fields: readonly (readonly [number, number, number])[]) => {
    exif.writeUInt16BE(fields.length, at)
    for (const [index, [tag, type, value]] of fields.entries()) {
      const entry = at + 2 + 12 * index
      exif.writeUInt16BE(tag, entry)
      exif.writeUInt16BE(type, entry + 2)
      exif.writeUInt32BE(1, entry + 4)
      if (type === tiffTypes.short) exif.writeUInt16BE(value, entry + 8)
      else exif.writeUInt32BE(value, entry + 8)
    }
  }
  const rational = 5
  directory(8, [
    [0x011a, rational, resolution],
    [0x011b, rational, resolution + 8],
    [0x0128, tiffTypes.short, 2],
    [0x8769, tiffTypes.long, details],
  ])
  for (const [at, value] of [144, 1, 144, 1].entries()) exif.writeUInt32BE(value, resolution + 4 * at)
  directory(details, [
    [0xa002, tiffTypes.long, size.width / 2],
    [0xa003, tiffTypes.long, size.height / 2],
  ])
  return exif
}

/** The files by kind. */
export const shownFiles: Record<string, ShownFile[]> = {
  'every format': formats.map((format) => file(`plain.${format}`, () => encoders[format](picture()))),
  transparency: (['png', 'webp', 'avif', 'gif'] as const).map((format) =>
    file(`transparent.${format}`, () => encoders[format](picture(4))),
  ),
  'stored in parts': [
    file('progressive.jpg', () => picture().jpeg({ quality: 95, progressive: true }).toBuffer()),
    file('interlaced.png', () => picture().png({ progressive: true }).toBuffer()),
    file('palette.png', () => picture().png({ palette: true }).toBuffer()),
    file('gray.jpg', () => encoders.jpg(picture().toColourspace('b-w'))),
    file('gray.png', () => encoders.png(picture().toColourspace('b-w'))),
  ],
  'exif orientation': [2, 3, 6, 7].flatMap((orientation) => [
    file(`orientation ${orientation}.jpg`, withOrientation('jpg', { orientation })),
    file(`orientation ${orientation}.png`, withOrientation('png', { orientation })),
    file(`orientation ${orientation}.avif`, () => encoders.avif(picture().withMetadata({ orientation }))),
  ]),
  'webp-exif-orientation': [2, 3, 5, 6].map((orientation) =>
    file(`orientation ${orientation}.webp`, withOrientation('webp', { orientation })),
  ),
  'exif-orientation-not-short': [
    file('LONG.jpg', withOrientation('jpg', { orientation: 6, type: tiffTypes.long })),
    file('LONG.png', withOrientation('png', { orientation: 6, type: tiffTypes.long })),
    file('LONG.webp', withOrientation('webp', { orientation: 6, type: tiffTypes.long })),
    file('BYTE.png', withOrientation('png', { orientation: 6, type: tiffTypes.byte })),
    file('SSHORT.jpg', withOrientation('jpg', { orientation: 6, type: tiffTypes.signedShort })),
    file('count 2.jpg', withOrientation('jpg', { orientation: 6, count: 2 })),
  ],
  'exif resolution': [file('half.jpg', async () => jpegWithExif(await encoders.jpg(picture()), halfSizeExif()))],
  'colour profiles': [
    file('profile.jpg', async () => withProfile(await encoders.jpg(picture()), profile)),
    file('profile.png', async () => insertPngChunks(await encoders.png(picture()), iccChunk(profile))),
    file('profile.webp', webpWithProfile),
    file('profile.avif', () => encoders.avif(picture().withIccProfile('p3'))),
  ],
  'png-16bit-profile': [file('deep.png', () => deepPng(3)), file('deep gray.png', () => deepPng(1))],
  'avif-10bit-profile': [file('ten bits.avif', () => fixture('p3-10bit.avif'))],
  'png-cicp': [
    file('Display P3.png', withChunks('cICP', [12, 13, 0, 1])),
    file('BT.2020.png', withChunks('cICP', [9, 1, 0, 1])),
    file('narrow range.png', withChunks('cICP', [12, 13, 0, 0])),
    file('gamma 1.png', withChunks('gAMA', [0, 1, 0x86, 0xa0])),
    file('gray of gamma 1.png', withChunks('gAMA', [0, 1, 0x86, 0xa0], true)),
  ],
  apng: [file('moving.png', () => movingPng(false)), file('hidden default image.png', () => movingPng(true))],
  'avif colour codes': [
    file('Display P3.avif', async () => avifWithProperty(await encoders.avif(picture()), size, codedColourBox(12, 13))),
    file('BT.709.avif', async () => avifWithProperty(await encoders.avif(picture()), size, codedColourBox(1, 1))),
  ],
  'avif-clap': [
    file('aperture.avif', async () =>
      avifWithProperty(await encoders.avif(picture()), size, apertureBox({ width: 200, height: 120 })),
    ),
  ],
  'no-end-marker': [
    file('no EOI.jpg', async () => (await encoders.jpg(picture())).subarray(0, -2), 8),
    file('no IEND.png', async () => (await encoders.png(picture())).subarray(0, -12)),
    file('no trailer.gif', async () => (await encoders.gif(picture())).subarray(0, -1)),
  ],
  'gif-common-screen-size': [
    file('640 × 480.gif', () => gifOfFrames({ width: 640, height: 480 }, frame(100, 40, 300, 250, 0))),
    file('1024 × 768 moving.gif', () =>
      gifOfFrames({ width: 1024, height: 768 }, frame(0, 0, 500, 300, 0), frame(500, 300, 200, 200, 1)),
    ),
    file('3000 × 300.gif', () => gifOfFrames({ width: 3000, height: 300 }, frame(1400, 0, 200, 200, 0))),
    file('empty screen.gif', () => gifOfFrames({ width: 0, height: 0 }, frame(30, 20, 300, 250, 0))),
  ],
  'gif-opaque-outside': [
    file('still.gif', () => gifOfFrames(size, frame(60, 20, 100, 90, 0))),
    file('moving.gif', () => gifOfFrames(size, frame(60, 20, 100, 90, 0), frame(200, 100, 50, 50, 1))),
    file('cleared.gif', () => gifOfFrames(size, frame(0, 0, 300, 90, 0, { disposal: 2 }), frame(60, 20, 50, 50, 1))),
  ],
}
