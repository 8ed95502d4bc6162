import { deflateSync } from 'node:zlib'
import { type Chromaticity, createGrayProfile, createRgbProfile, type RgbSpace } from './icc-profile'
import { type PngChunk, pngHeaderEnd, readPngChunks, writePngChunk } from './png-chunks'

/**
 * Returns a PNG with its colour space as an ICC profile. Browsers apply the chunks cICP and gAMA with cHRM; libvips reads
 * only profiles. cICP comes first, then a profile or sRGB, then gAMA (W3C PNG, 4.3). Spaces of high dynamic range stay as
 * they are. Copies the bytes only to change them.
 */
export function withColourProfile(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const chunks = readColourChunks(bytes)
  const space = spaceOf(chunks)
  return (space && addProfile(bytes, space, chunks)) ?? png
}

/** Returns a PNG with a colour space as its profile. The PNG states no other colours. */
export const withSpace = (png: Buffer, space: RgbSpace): Buffer => addProfile(png, space, []) ?? png

/** Returns null if the space has no profile. */
function addProfile(bytes: Buffer, space: RgbSpace, chunks: readonly PngChunk[]): Buffer | null {
  const isGray = ((bytes[25] ?? 0) & 2) === 0
  const profile = isGray ? createGrayProfile(space.toLight) : createRgbProfile(space)
  if (!profile) return null
  const parts = [bytes.subarray(0, pngHeaderEnd), writePngChunk('iCCP', [Buffer.from('icc\0\0'), deflateSync(profile)])]
  let start = pngHeaderEnd
  for (const { name, at, end } of chunks) {
    // Two statements of the colours would contradict each other.
    if (name !== 'iCCP' && name !== 'sRGB') continue
    parts.push(bytes.subarray(start, at))
    start = end
  }
  parts.push(bytes.subarray(start))
  return Buffer.concat(parts)
}

/** Reads the chunks that state colours. They precede the pixels. */
function readColourChunks(bytes: Buffer): PngChunk[] {
  const chunks: PngChunk[] = []
  for (const chunk of readPngChunks(bytes)) {
    if (chunk.name === 'IDAT') break
    if (/^(cICP|iCCP|sRGB|gAMA|cHRM)$/.test(chunk.name)) chunks.push(chunk)
  }
  return chunks
}

function spaceOf(chunks: readonly PngChunk[]): RgbSpace | null {
  const find = (name: string) => chunks.find((chunk) => chunk.name === name)?.body
  const coded = find('cICP')
  const space = coded && codedSpace(coded)
  if (space) return space
  const [gamma, primaries] = [find('gAMA'), find('cHRM')]
  if (find('iCCP') || find('sRGB') || gamma?.length !== 4) return null
  return gammaSpace(gamma.readUInt32BE() / 100_000, primaries)
}

const d65: Chromaticity = [0.3127, 0.329]
const rec709 = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: d65 } as const

/** ITU-T H.273, table 2. */
const codedPrimaries: Record<number, Omit<RgbSpace, 'toLight'>> = {
  1: rec709,
  5: { red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: d65 },
  6: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: d65 },
  7: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: d65 },
  9: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: d65 },
  11: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: [0.314, 0.351] },
  12: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: d65 },
}

const power = (exponent: number) => (stored: number) => stored ** exponent

/** The display of BT.709 and its relatives (ITU-R BT.1886). */
const video = power(2.4)

/** IEC 61966-2-1. */
const srgb = (stored: number) => (stored <= 0.04045 ? stored / 12.92 : ((stored + 0.055) / 1.055) ** 2.4)

/** ITU-T H.273, table 3. */
const codedTransfers: Record<number, RgbSpace['toLight']> = {
  1: video,
  4: power(2.2),
  5: power(2.8),
  6: video,
  8: power(1),
  13: srgb,
  14: video,
  15: video,
}

/** Reads cICP: primaries, transfer, matrix (always 0 in a PNG), and whether the values use their full range. */
function codedSpace([primaries = 0, transfer = 0, matrix, isFullRange]: Buffer): RgbSpace | null {
  return matrix === 0 && isFullRange === 1 ? findCodedSpace(primaries, transfer) : null
}

/** Returns the space of code points of ITU-T H.273; null for unknown ones and for high dynamic range. */
export function findCodedSpace(primaries: number, transfer: number): RgbSpace | null {
  const [space, toLight] = [codedPrimaries[primaries], codedTransfers[transfer]]
  return space && toLight ? { ...space, toLight } : null
}

/** The gamma of a PNG in sRGB, as files state it; they mean the curve of sRGB. */
const srgbGamma = 0.45455

function gammaSpace(gamma: number, primaries?: Buffer): RgbSpace | null {
  if (gamma <= 0) return null
  const toLight = power(1 / gamma)
  if (primaries?.length !== 32) return gamma === srgbGamma ? null : { ...rec709, toLight }
  const read = (at: number): Chromaticity => [
    primaries.readUInt32BE(at) / 100_000,
    primaries.readUInt32BE(at + 4) / 100_000,
  ]
  return { white: read(0), red: read(8), green: read(16), blue: read(24), toLight }
}
