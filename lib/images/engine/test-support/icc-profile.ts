import { curveTag, type Tag, writeProfile, xyzTag } from '@/lib/images/engine/icc-profile'

/** A 3 × 3 matrix, row by row. */
type Matrix = readonly [number, number, number, number, number, number, number, number, number]

/** A colour space: the matrix from linear red, green and blue to XYZ under D50, and its gamma. */
export interface Space {
  toXyz: Matrix
  gamma: number
}

// http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html, adapted to D50.
const srgbToXyz: Matrix = [
  0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733,
]

export const adobeRgb: Space = {
  toXyz: [0.6097559, 0.2052401, 0.149224, 0.3111242, 0.625656, 0.0632197, 0.0194811, 0.0608902, 0.7448387],
  gamma: 563 / 256,
}

export const displayP3: Space = {
  toXyz: [0.515102, 0.291965, 0.157153, 0.241182, 0.692236, 0.0665819, -0.00104941, 0.0418818, 0.784378],
  gamma: 2.2,
}

/** A space with reordered channels, like the XYB space of some JPEGs: only the profile names the channels. */
export const shuffled: Space = {
  toXyz: [0.1430804, 0.4360747, 0.3850649, 0.0606169, 0.2225045, 0.7168786, 0.7141733, 0.0139322, 0.0971045],
  gamma: 1.8,
}

/** Converts an sRGB colour to another space; channels range from 0 to 255. */
export function toSpace(srgb: readonly [number, number, number], { toXyz, gamma }: Space): [number, number, number] {
  const linear = srgb.map((value) => srgbToLinear(value / 255)) as [number, number, number]
  const own = multiply(invert(toXyz), multiply(srgbToXyz, linear))
  return own.map((value) => Math.round(255 * Math.max(0, Math.min(1, value)) ** (1 / gamma))) as [
    number,
    number,
    number,
  ]
}

// IEC 61966-2-1.
const srgbToLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

function multiply(m: Matrix, [x, y, z]: readonly [number, number, number]): [number, number, number] {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z]
}

function invert([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  const cofactors = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f]
  const rest = [d * h - e * g, b * g - a * h, a * e - b * d]
  return [...cofactors, ...rest].map((value) => value / determinant) as unknown as Matrix
}

/** Creates an ICC profile with three primaries and a gamma. */
export function createProfile({ toXyz, gamma }: Space): Buffer {
  const curve = curveTag((stored) => stored ** gamma)
  return writeProfile('RGB ', [
    ['rXYZ', xyzTag([toXyz[0], toXyz[3], toXyz[6]])],
    ['gXYZ', xyzTag([toXyz[1], toXyz[4], toXyz[7]])],
    ['bXYZ', xyzTag([toXyz[2], toXyz[5], toXyz[8]])],
    ...['rTRC', 'gTRC', 'bTRC'].map((name): Tag => [name, curve]),
  ])
}

/** Inserts a profile into a JPEG (ICC.1, annex B.4) and leaves its pixels unchanged. */
export function withProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile])
  const marker = Buffer.from([0xff, 0xe2, 0, 0])
  marker.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, body, jpeg.subarray(2)])
}
