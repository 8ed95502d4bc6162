/** An RGB colour space. */
export interface RgbSpace {
  /** CIE x and y of red, green, blue and white. */
  red: Chromaticity
  green: Chromaticity
  blue: Chromaticity
  white: Chromaticity
  /** Converts a stored value to light, both 0 to 1. */
  toLight: (stored: number) => number
}

export type Chromaticity = readonly [x: number, y: number]
export type Vector = readonly [number, number, number]
type Matrix = readonly [Vector, Vector, Vector]

/** Creates an ICC profile of a colour space (ICC.1:2001-04, 6.3.1.2); null if its primaries span no colours. */
export function createRgbProfile(space: RgbSpace): Buffer | null {
  const toXyz = transpose(toXyzMatrix(space))
  if (!toXyz.flat().every((value) => Math.abs(value) < maxXyz)) return null
  const [red, green, blue] = toXyz
  const curve = curveTag(space.toLight)
  return writeProfile('RGB ', [
    ['rXYZ', xyzTag(red)],
    ['gXYZ', xyzTag(green)],
    ['bXYZ', xyzTag(blue)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ])
}

/** Creates an ICC profile for gray levels (ICC.1:2001-04, 6.3.1.1). */
export function createGrayProfile(toLight: RgbSpace['toLight']): Buffer {
  return writeProfile('GRAY', [['kTRC', curveTag(toLight)]])
}

/** Real primaries have values below 2. Also excludes infinity and NaN. */
const maxXyz = 8

export type Tag = readonly [name: string, body: Buffer]

/** The white of the profile connection space, D50. */
const d50: Vector = [0.9642, 1, 0.8249]

/** Writes an ICC profile, version 2, of an input or display device. @param space `RGB ` or `GRAY` */
export function writeProfile(space: string, ownTags: readonly Tag[]): Buffer {
  const tags: Tag[] = [
    ['desc', Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x05none\0', 'latin1'), Buffer.alloc(78)])],
    ['cprt', Buffer.from('text\0\0\0\0none\0', 'latin1')],
    ['wtpt', xyzTag(d50)],
    ...ownTags,
  ]
  const table = Buffer.alloc(4 + 12 * tags.length)
  table.writeUInt32BE(tags.length)
  const bodies: Buffer[] = []
  let offset = 128 + table.length
  for (const [at, [name, body]] of tags.entries()) {
    table.write(name, 4 + 12 * at, 'latin1')
    table.writeUInt32BE(offset, 8 + 12 * at)
    table.writeUInt32BE(body.length, 12 + 12 * at)
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
    bodies.push(padded)
    offset += padded.length
  }
  const header = Buffer.alloc(128)
  header.writeUInt32BE(offset)
  header.writeUInt32BE(0x02400000, 8)
  header.write(`mntr${space}XYZ `, 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  xyzTag(d50).copy(header, 68, 8)
  return Buffer.concat([header, table, ...bodies])
}

export function xyzTag(values: Vector): Buffer {
  const tag = Buffer.alloc(20)
  tag.write('XYZ ', 'latin1')
  for (const [at, value] of values.entries()) tag.writeInt32BE(Math.round(value * 65_536), 8 + 4 * at)
  return tag
}

const samples = 1024

export function curveTag(toLight: RgbSpace['toLight']): Buffer {
  const tag = Buffer.alloc(12 + 2 * samples)
  tag.write('curv', 'latin1')
  tag.writeUInt32BE(samples, 8)
  for (let at = 0; at < samples; at += 1) {
    const light = Math.max(0, Math.min(1, toLight(at / (samples - 1))))
    tag.writeUInt16BE(Math.round(light * 65_535), 12 + 2 * at)
  }
  return tag
}

/** Returns the matrix from linear red, green and blue to XYZ under D50 (SMPTE RP 177). */
function toXyzMatrix({ red, green, blue, white }: RgbSpace): Matrix {
  const primaries = transpose([toXyz(red), toXyz(green), toXyz(blue)])
  const amounts = multiply(invert(primaries), toXyz(white))
  const own = primaries.map((row) => row.map((value, at) => value * (amounts[at] as number))) as unknown as Matrix
  return combine(adaptation(toXyz(white)), own)
}

const toXyz = ([x, y]: Chromaticity): Vector => [x / y, 1, (1 - x - y) / y]

const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

/** Returns the matrix that adapts colours from a white to D50, by Bradford (ICC.1:2001-04, annex E). */
function adaptation(white: Vector): Matrix {
  const [from, to] = [multiply(bradford, white), multiply(bradford, d50)]
  const scaled = bradford.map((row, at) =>
    row.map((value) => (value * (to[at] as number)) / (from[at] as number)),
  ) as unknown as Matrix
  return combine(invert(bradford), scaled)
}

const multiply = (matrix: Matrix, [x, y, z]: Vector): Vector =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Vector

const transpose = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
]

const combine = (one: Matrix, other: Matrix): Matrix =>
  transpose(transpose(other).map((column) => multiply(one, column)) as unknown as Matrix)

function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  const cofactors: Matrix = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ]
  return cofactors.map((row) => row.map((value) => value / determinant)) as unknown as Matrix
}
