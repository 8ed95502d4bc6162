/** Codes of colour primaries (ITU-T H.273, table 2): SMPTE EG 432-1, which is Display P3. */
const displayP3Primaries = 12

/**
 * Whether the colours of a HEIC are those of Display P3, by its `colr` boxes (ISO/IEC 14496-12, 12.1.5). Phones write
 * sRGB or Display P3.
 */
export function isDisplayP3(heic: Uint8Array): boolean {
  for (const at of boxesNamed('colr', heic)) {
    const kind = text(heic, at + 8, at + 12)
    const isWide =
      kind === 'nclx'
        ? numberAt(heic, at + 12, 2) === displayP3Primaries
        : // A profile's description is in UTF-16 or in Latin-1.
          text(heic, at + 12, at + numberAt(heic, at, 4))
            .replaceAll('\0', '')
            .includes('Display P3')
    if (isWide) return true
  }
  return false
}

/** Linear Display P3 to linear sRGB (CSS Color 4, 18): both have the same white and the same curve. */
const toLinearSrgb = [
  [1.2249401762805598, -0.22494017628055996, 0],
  [-0.042056954709688163, 1.0420569547096881, 0],
  [-0.019637554590334432, -0.078636045550631889, 1.0982736001409663],
] as const

/** Steps of linear light: enough to tell all 256 encoded values apart. */
const lightSteps = 8191

/** Converts pixels (RGBA) from Display P3 to sRGB in place. Colours beyond sRGB become its nearest edge. */
export function convertToSrgb(pixels: Uint8ClampedArray): void {
  const light = Float64Array.from({ length: 256 }, (_, value) => decode(value / 255) * lightSteps)
  const encoded = Uint8ClampedArray.from({ length: lightSteps + 1 }, (_, step) => encode(step / lightSteps) * 255)
  for (let at = 0; at < pixels.length; at += 4) {
    const red = light[pixels[at] as number] as number
    const green = light[pixels[at + 1] as number] as number
    const blue = light[pixels[at + 2] as number] as number
    for (let channel = 0; channel < 3; channel++) {
      const [r, g, b] = toLinearSrgb[channel] as readonly [number, number, number]
      const step = Math.round(r * red + g * green + b * blue)
      pixels[at + channel] = encoded[Math.min(lightSteps, Math.max(0, step))] as number
    }
  }
}

const decode = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const encode = (light: number) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055)

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
