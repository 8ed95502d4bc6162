import { boxes, readProperties } from './avif-boxes'

/**
 * Returns an AVIF without clean apertures (box `clap`). libheif cuts the picture to its aperture; browsers show all of
 * it, or refuse the file. Each aperture becomes the size of its item. Copies the bytes only if there is one.
 */
export function withoutAperture(avif: Uint8Array): Uint8Array {
  const original = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength)
  if (!original.includes('clap')) return avif
  const bytes = Buffer.from(original)
  for (const meta of boxes(bytes)) {
    if (meta.type !== 'meta') continue
    // Skips version and flags, with which a full box begins.
    for (const { type, body } of boxes(meta.body.subarray(4))) if (type === 'iprp') clearApertures(body)
  }
  return bytes
}

function clearApertures(itemProperties: Buffer): void {
  for (const own of readProperties(itemProperties).values()) {
    const size = own.find(({ type, body }) => type === 'ispe' && body.length >= 12)?.body
    const aperture = own.find(({ type, body }) => type === 'clap' && body.length >= 32)?.body
    if (size && aperture) fillAperture(aperture, size.readUInt32BE(4), size.readUInt32BE(8))
  }
}

/** Writes width, height and offsets from the centre, each as numerator and denominator. */
function fillAperture(aperture: Buffer, width: number, height: number): void {
  for (const [at, value] of [width, 1, height, 1, 0, 1, 0, 1].entries()) aperture.writeUInt32BE(value, 4 * at)
}
