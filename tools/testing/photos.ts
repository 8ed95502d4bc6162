import { seededRandom } from './random'

/**
 * Paints pixels that are as hard to compress as a photo: broad light, detail from coarse to fine, shapes with edges, and
 * sensor grain. A JPEG of quality 85 has about three bits per pixel. The same size always gives the same pixels.
 * @returns RGB, three bytes per pixel
 */
export function paintPhoto(width: number, height: number): Buffer {
  const random = seededRandom(20_261_123)
  const layers = octaves(width, height, random)
  const discs = Array.from({ length: 60 }, () => ({
    x: random() * width,
    y: random() * height,
    radius: (0.01 + 0.12 * random() ** 2) * width,
    colour: [random() - 0.5, random() - 0.5, random() - 0.5].map((part) => part * 120),
  }))
  const grain = Float32Array.from(
    { length: 65_536 },
    () => (random() + random() + random() - 1.5) * grainStrength(width),
  )

  const pixels = Buffer.allocUnsafe(width * height * 3)
  const row = new Float32Array(width * 3)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      row[x * 3] = 150 - (70 * y) / height
      row[x * 3 + 1] = 130 + (30 * x) / width - (40 * y) / height
      row[x * 3 + 2] = 90 + (60 * (width - x)) / width
    }
    for (const layer of layers) layer.addTo(row, y)
    for (const { x: centre, y: middle, radius, colour } of discs) {
      const half = Math.sqrt(Math.max(0, radius ** 2 - (y - middle) ** 2))
      const end = Math.min(width, Math.ceil(centre + half))
      for (let x = Math.max(0, Math.floor(centre - half)); half > 0 && x < end; x += 1) {
        for (let channel = 0; channel < 3; channel += 1) (row[x * 3 + channel] as number) += colour[channel] as number
      }
    }
    const grainStart = Math.floor(random() * grain.length)
    for (let at = 0; at < row.length; at += 1) {
      const value = (row[at] as number) + (grain[(grainStart + at) & 65_535] as number)
      pixels[y * row.length + at] = value < 0 ? 0 : value > 255 ? 255 : value
    }
  }
  return pixels
}

/** Cameras smooth photos above 12 megapixels (4,000 pixels wide): a JPEG of 48 megapixels has 11 MB, not 20. */
const grainStrength = (width: number) => 31 * Math.sqrt(4000 / Math.max(4000, width))

/** Creates layers of noise. Their cells shrink from a quarter of the width to a two-thousandth, and finer ones are fainter. */
function octaves(width: number, height: number, random: () => number) {
  const layers: { addTo(row: Float32Array, y: number): void }[] = []
  for (let cell = width / 4, strength = 56; cell >= width / 2000; cell /= 2.5, strength *= 0.92) {
    layers.push(createLayer(width, height, cell, strength, random))
  }
  return layers
}

/** Creates one layer: a lattice of random values with smooth transitions, mostly light with a little colour. */
function createLayer(width: number, height: number, cell: number, strength: number, random: () => number) {
  const columns = Math.ceil(width / cell) + 2
  const rows = Math.ceil(height / cell) + 2
  const tints = [1, 0.9 + 0.2 * random(), 0.8 + 0.4 * random()]
  const lattice = Float32Array.from({ length: columns * rows }, () => (random() - 0.5) * strength)
  const line = new Float32Array(columns)
  const smooth = (part: number) => part * part * (3 - 2 * part)
  return {
    addTo(row: Float32Array, y: number) {
      const above = Math.floor(y / cell)
      const down = smooth(y / cell - above)
      for (let column = 0; column < columns; column += 1) {
        const top = lattice[above * columns + column] as number
        line[column] = top + down * ((lattice[(above + 1) * columns + column] as number) - top)
      }
      for (let x = 0; x < width; x += 1) {
        const left = Math.floor(x / cell)
        const from = line[left] as number
        const value = from + smooth(x / cell - left) * ((line[left + 1] as number) - from)
        for (let channel = 0; channel < 3; channel += 1) {
          ;(row[x * 3 + channel] as number) += value * (tints[channel] as number)
        }
      }
    },
  }
}
