import { boxes, readProperties } from './avif-boxes'
import type { RgbSpace } from './icc-profile'
import { findCodedSpace } from './png-colour'

/**
 * Returns the colour space of an AVIF that states it by code points (box `colr` of type `nclx`). libheif reads only the
 * matrix there. Null for sRGB, for a file with a profile, and for high dynamic range.
 */
export function readCodedSpace(avif: Uint8Array): RgbSpace | null {
  const bytes = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength)
  const colours = readColours(bytes)
  const coded = colours.find((body) => typeOf(body) === 'nclx' && body.length >= 8)
  if (!coded || colours.some((body) => typeOf(body) !== 'nclx')) return null
  const [primaries, transfer] = [coded.readUInt16BE(4), coded.readUInt16BE(6)]
  if (primaries === srgbPrimaries && isSrgbCurve(transfer)) return null
  return findCodedSpace(primaries, isSrgbCurve(transfer) ? srgbTransfer : transfer)
}

const srgbPrimaries = 1
const srgbTransfer = 13

/** Chromium shows the curves of video (BT.709, 601 and 2020) like that of sRGB in an AVIF, unlike in a PNG. */
const isSrgbCurve = (transfer: number) => [1, 6, srgbTransfer, 14, 15].includes(transfer)

const typeOf = (body: Buffer) => body.toString('latin1', 0, 4)

/** Returns the contents of the boxes `colr` of the primary item. */
function readColours(bytes: Buffer): Buffer[] {
  const meta = [...boxes(bytes)].find(({ type }) => type === 'meta')
  // Skips version and flags, with which a full box begins.
  const parts = meta ? [...boxes(meta.body.subarray(4))] : []
  const primary = parts.find(({ type }) => type === 'pitm')?.body
  const itemProperties = parts.find(({ type }) => type === 'iprp')?.body
  if (!primary || primary.length < 6 || !itemProperties) return []
  const id = primary[0] === 0 || primary.length < 8 ? primary.readUInt16BE(4) : primary.readUInt32BE(4)
  const own = readProperties(itemProperties).get(id) ?? []
  return own.filter(({ type }) => type === 'colr').map(({ body }) => body)
}
