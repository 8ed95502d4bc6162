import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import type { ErrorCode } from '@/lib/result'
import { avifClaimingSize, avifGrid, brandOnly } from './avif'
import { gif } from './gif'
import { insertJpegSegments, jpegClaimingSize, jpegSegment, scanBomb } from './jpeg'
import { insertPngChunks, png, pngChunk, pngClaimingSize } from './png'
import { animatedWebp, webpHeader, webpOf } from './webp'

/**
 * A file of the hostile corpus: files that attackers upload, generated here. Tests of the engine, of the flow and of a
 * running host expect the outcome in `ends`.
 */
export interface HostileFile {
  name: string
  bytes: Buffer
  /** The error code, or `fine` if the file is a valid picture. */
  ends: ErrorCode | 'fine'
  /** Whether the header decides, so that rejecting the file costs hardly more than rejecting a text. */
  isCheap: boolean
}

/** The pixel limit for the corpus: the product's default. */
export const maxPixels = 50_000_000

const size = { width: 64, height: 48 }

/** Creates a small picture with detail in every corner. */
export function smallPicture() {
  const data = Buffer.from(Array.from({ length: size.width * size.height * 3 }, (_, at) => (at * 7919) % 251))
  return sharp(data, { raw: { ...size, channels: 3 } })
}

export const formats = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const
export type Format = (typeof formats)[number]

/** Encodes the small picture in a supported format. */
export const smallFile = (format: Format): Promise<Buffer> =>
  smallPicture()
    .toFormat(format, format === 'avif' ? { effort: 0 } : {})
    .toBuffer()

/** Creates APP2 segments with a meaningless profile of the given length. */
function profileSegments(bytes: number): Buffer[] {
  const each = 65_000
  const count = Math.ceil(bytes / each)
  return Array.from({ length: count }, (_, at) => {
    const part = Buffer.alloc(Math.min(each, bytes - at * each), at + 1)
    return jpegSegment(0xe2, Buffer.concat([Buffer.from(`ICC_PROFILE\0`), Buffer.from([at + 1, count]), part]))
  })
}

const exifHead = Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1')

/** Creates an EXIF directory of thousands of entries, each claiming the length of the segment. */
function exifOfManyEntries(): Buffer {
  const entries = 5_400
  const directory = Buffer.alloc(6 + 12 * entries)
  directory.writeUInt16BE(entries)
  for (let entry = 0; entry < entries; entry += 1) {
    const at = 2 + 12 * entry
    directory.writeUInt16BE(0x010f + (entry % 50), at)
    directory.writeUInt16BE(2, at + 2)
    directory.writeUInt32BE(60_000, at + 4)
    directory.writeUInt32BE(8, at + 8)
  }
  return jpegSegment(0xe1, Buffer.concat([exifHead, directory]))
}

/** Adds entities that expand to 4³⁰ texts ("billion laughs"). */
const laughs = (content: string) => {
  const entities = Array.from({ length: 30 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(4)}">`)
  return `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">${entities.join('')}]>${content}`
}

const svg = (content: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500">${content}</svg>`

/** Each group uses the one before it ten times. */
const nestedUses = Array.from(
  { length: 12 },
  (_, at) => `<g id="g${at + 1}">${`<use href="#g${at}"/>`.repeat(10)}</g>`,
).join('')

const svgs: Record<string, string> = {
  'an SVG': svg('<rect width="9" height="9"/>'),
  'an SVG behind an XML declaration': `<?xml version="1.0"?>${svg('<rect width="9" height="9"/>')}`,
  'an SVG with a script': svg('<script>alert(1)</script>'),
  'an SVG of nested uses': svg(`<defs><path id="g0" d="M0 0h9v9z"/>${nestedUses}</defs><use href="#g12"/>`),
  'an SVG of nested entities': laughs(svg('<text>&e30;</text>')),
  'an SVG of filters': svg(
    `<filter id="f">${'<feGaussianBlur stdDeviation="200"/><feTurbulence numOctaves="99"/>'.repeat(60)}</filter><rect filter="url(#f)" width="500" height="500"/>`,
  ),
}

const texts: Record<string, string> = {
  'a text': 'hello',
  'a page': '<!doctype html><script>alert(1)</script>',
  'a PDF': '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF',
  PostScript: '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage',
  'a PPM': `P6\n2 2\n255\n${'x'.repeat(12)}`,
  'a Radiance picture': '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\nxxxx',
  'an ImageMagick script': 'push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 "http://localhost/"\n',
  'a VIPS picture': `\x08\xf2\xa6\xb6${'\0'.repeat(100)}`,
  'a BMP': `BM${'\0'.repeat(60)}`,
  'an icon': `\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0${'\0'.repeat(60)}`,
  'a PSD': `8BPS\0\x01${'\0'.repeat(60)}`,
  'a JPEG XL': `\xff\x0a${'\0'.repeat(60)}`,
  'a JPEG XL in boxes': `\0\0\0\x0cJXL \x0d\x0a\x87\x0a${'\0'.repeat(60)}`,
  'a JPEG 2000': `\0\0\0\x0cjP  \x0d\x0a\x87\x0a${'\0'.repeat(60)}`,
  'an OpenEXR': `v/1\x01\x02\0\0\0${'\0'.repeat(60)}`,
  'a FITS': `SIMPLE  =                    T${' '.repeat(2851)}`,
  'a ZIP': `PK\x03\x04${'\0'.repeat(60)}`,
  'a program': `\x7fELF\x02\x01\x01${'\0'.repeat(60)}`,
  zeros: '\0'.repeat(1000),
  'one byte': '\xff',
}

/** The first bytes of a format and nothing else. */
const magicOnly: Record<string, string> = {
  JPEG: '\xff\xd8\xff',
  PNG: '\x89PNG\r\n\x1a\n',
  WebP: 'RIFF\x04\0\0\0WEBP',
  GIF: 'GIF89a',
}

/** Creates the corpus, in one or two seconds. */
export async function createHostileFiles(): Promise<HostileFile[]> {
  const [jpeg, picturePng, webp, pictureGif, avif] = (await Promise.all(formats.map(smallFile))) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const files: HostileFile[] = []
  const add = (ends: HostileFile['ends'], name: string, bytes: Buffer, isCheap = true) =>
    files.push({ name, bytes, ends, isCheap })

  // Not a picture, or no allowed format (S14), whatever the file claims (S15).
  for (const [name, content] of Object.entries({ ...texts, ...svgs })) {
    add('unsupported_type', name, Buffer.from(content, 'latin1'))
  }
  add('unsupported_type', 'a TIFF', await smallPicture().tiff().toBuffer())
  for (const brand of ['isom', 'mp42', 'qt  ']) add('unsupported_type', `a film, ${brand}`, brandOnly(brand))
  for (const brand of ['heic', 'avif', 'mif1']) add('unreadable_image', `only the brand ${brand}`, brandOnly(brand))
  add('unsupported_type', 'an AVIF claiming to be HEIC', withBrand(avif, 'heic'))
  add('unsupported_type', 'avif-sequence: a moving AVIF', withBrand(avif, 'avis'))
  add('unreadable_image', 'nothing', Buffer.alloc(0))
  for (const [name, content] of Object.entries(magicOnly)) {
    add('unreadable_image', `only the first bytes of a ${name}`, Buffer.from(content, 'latin1'))
  }
  add('unreadable_image', 'a ZIP that begins like a JPEG', Buffer.from('\xff\xd8\xff\xe0PK\x03\x04\0\0', 'latin1'))
  add('unreadable_image', 'a script that begins like a GIF', Buffer.from('GIF89a/*\0*/=1;alert(1)//'))

  // Bombs that the header reveals (S16).
  const huge = { width: 65_535, height: 65_535 }
  add('too_many_pixels', 'a PNG claiming 65,000²', pngClaimingSize(65_000, 65_000))
  add('too_many_pixels', 'a PNG claiming 50,000 × 1,001', pngClaimingSize(50_000, 1_001))
  add('too_many_pixels', 'a JPEG claiming 65,500²', jpegClaimingSize(jpeg, 65_500, 65_500))
  add('too_many_pixels', 'a WebP claiming 16,383²', webpClaimingSize(webp, 16_383, 16_383))
  add('too_many_pixels', 'an AVIF claiming 60,000²', avifClaimingSize(avif, 60_000, 60_000))
  add('too_many_pixels', 'a GIF with a frame claiming 65,535²', gifWithFrame(huge))
  add('too_many_pixels', 'a GIF claiming 65,535² with one pixel', gif(huge, 1))
  add('too_many_pixels', 'a GIF of 600,000 frames of 100 pixels', gif({ width: 10, height: 10 }, 600_000), false)
  add('too_many_pixels', 'a WebP of 60 frames of a megapixel', await megapixelFrames(60))
  add('too_many_pixels', 'an AVIF of one tile 256 times', await tiledAvif())
  add('unreadable_image', 'a JPEG of 5,000 scans', scanBomb({ width: 7_000, height: 7_000, scans: 5_000 }))

  // False claims within the limit: decoding fails when the data ends.
  add(
    'unreadable_image',
    'a PNG claiming 7,000² with a few bytes',
    png({ width: 7_000, height: 7_000 }, Buffer.alloc(100)),
    false,
  )
  add('unreadable_image', 'a WebP claiming 7,000²', webpClaimingSize(webp, 7_000, 7_000), false)
  add('unreadable_image', 'an AVIF claiming 4,500²', avifClaimingSize(avif, 4_500, 4_500), false)

  // Valid pictures with a payload, of which only the pixels reach a variant.
  const zeros = deflateSync(Buffer.alloc(50_000_000), { level: 9 })
  const bombed = (type: string) =>
    insertPngChunks(picturePng, pngChunk(type, Buffer.concat([Buffer.from('name\0\0'), zeros])))
  add('fine', 'a PNG with a text of 50 MB', bombed('zTXt'), false)
  add('fine', 'a PNG with a profile of 50 MB', bombed('iCCP'), false)
  const chunks = Buffer.concat(Array(100_000).fill(pngChunk('unKn', 'x')))
  add('fine', 'a PNG of 100,000 unknown chunks', insertPngChunks(picturePng, chunks), false)
  add('fine', 'a JPEG with a profile of 10 MB', insertJpegSegments(jpeg, ...profileSegments(10_000_000)), false)
  add('fine', 'a JPEG with a broken profile', insertJpegSegments(jpeg, ...profileSegments(500)), false)
  add('fine', 'a JPEG with thousands of EXIF entries', insertJpegSegments(jpeg, exifOfManyEntries()), false)
  const exifs = Array.from({ length: 150 }, () => jpegSegment(0xe1, Buffer.concat([exifHead, Buffer.alloc(60_000, 1)])))
  add('fine', 'a JPEG with 9 MB of broken EXIF', insertJpegSegments(jpeg, ...exifs), false)
  const xmp = `http://ns.adobe.com/xap/1.0/\0${laughs('<x>&e30;</x>')}`
  add('fine', 'a JPEG with XMP of nested entities', insertJpegSegments(jpeg, jpegSegment(0xe1, xmp)), false)

  // Polyglots: a picture with another file after it or inside it.
  const script = '<script>alert(1)</script>'
  for (const [format, bytes] of Object.entries({
    JPEG: jpeg,
    PNG: picturePng,
    WebP: webp,
    GIF: pictureGif,
    AVIF: avif,
  })) {
    const behind = Buffer.from(`PK\x03\x04${'\0'.repeat(60)}PK\x05\x06${script}%PDF-1.4 %%EOF`, 'latin1')
    add('fine', `a ${format} that is also a ZIP, a page and a PDF`, Buffer.concat([bytes, behind]), false)
  }
  add('fine', 'a JPEG with a page in its comment', insertJpegSegments(jpeg, jpegSegment(0xfe, script)), false)
  add(
    'fine',
    'a PNG with an SVG in its text',
    insertPngChunks(picturePng, pngChunk('tEXt', `x\0${svg(script)}`)),
    false,
  )
  return files
}

function withBrand(avif: Buffer, brand: string): Buffer {
  const bytes = Buffer.from(avif)
  bytes.write(brand, 8, 'latin1')
  return bytes
}

/** Sets the size in the frame header, which follows the RIFF header, the chunk header and the start code. */
function webpClaimingSize(webp: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(webp)
  copy.writeUInt16LE(width, 26)
  copy.writeUInt16LE(height, 28)
  // The extended format, with a canvas of the same size.
  return webpOf([webpHeader(0, width, height), { name: 'VP8 ', body: copy.subarray(20) }])
}

function gifWithFrame({ width, height }: { width: number; height: number }): Buffer {
  const bytes = gif({ width: 10, height: 10 }, 1)
  // The image block: position 0, 0 and size 1 × 1.
  const at = bytes.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0]))
  bytes.writeUInt16LE(width, at + 5)
  bytes.writeUInt16LE(height, at + 7)
  return bytes
}

async function megapixelFrames(frames: number): Promise<Buffer> {
  const size = { width: 1_000, height: 1_000 }
  const still = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
    .webp({ lossless: true, effort: 0 })
    .toBuffer()
  return animatedWebp(still, size, frames)
}

async function tiledAvif(): Promise<Buffer> {
  const tileSize = { width: 1_000, height: 1_000 }
  const tile = await sharp({ create: { ...tileSize, channels: 3, background: 'teal' } })
    .avif({ effort: 0 })
    .toBuffer()
  return avifGrid({ tile, tileSize, columns: 16, rows: 16, size: { width: 100, height: 100 } })
}
