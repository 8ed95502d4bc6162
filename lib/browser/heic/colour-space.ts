/** Codes of colour primaries (ITU-T H.273, table 2): SMPTE EG 432-1, which is Display P3. */
const displayP3Primaries = 12

/**
 * Returns the colour space of a HEIC by its `colr` boxes (ISO/IEC 14496-12, 12.1.5): phones write sRGB or Display P3.
 * Others, such as those of BT.2020, read as sRGB.
 */
export function readColourSpace(heic: Uint8Array): PredefinedColorSpace {
  for (const at of boxesNamed('colr', heic)) {
    const kind = text(heic, at + 8, at + 12)
    const isDisplayP3 =
      kind === 'nclx'
        ? numberAt(heic, at + 12, 2) === displayP3Primaries
        : // A profile's description is in UTF-16 or in Latin-1.
          text(heic, at + 12, at + numberAt(heic, at, 4))
            .replaceAll('\0', '')
            .includes('Display P3')
    if (isDisplayP3) return 'display-p3'
  }
  return 'srgb'
}

/** Finds the boxes below `meta` that hold the properties of all images of the file. */
function* boxesNamed(name: string, bytes: Uint8Array): Generator<number> {
  const containers: Record<string, number> = { meta: 12, iprp: 8, ipco: 8 }
  const pending = [{ from: 0, to: bytes.length }]
  for (let range = pending.pop(); range; range = pending.pop()) {
    for (let at = range.from; at + 12 <= range.to; ) {
      const size = numberAt(bytes, at, 4)
      // Sizes of 0 and 1 belong to boxes that extend to the end or beyond 4 GB. `meta` is none of them.
      if (size < 8) break
      const end = Math.min(at + size, range.to)
      const type = text(bytes, at + 4, at + 8)
      if (type === name) yield at
      const header = containers[type]
      if (header) pending.push({ from: at + header, to: end })
      at = end
    }
  }
}

function numberAt(bytes: Uint8Array, at: number, length: number): number {
  return bytes.subarray(at, at + length).reduce((sum, byte) => sum * 256 + byte, 0)
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(from, to))
}
