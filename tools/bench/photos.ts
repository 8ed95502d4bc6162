import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { projectDirectory } from '@/tools/process/project'

/** A picture as a camera would have made it. */
export interface Photo {
  megapixels: 1 | 6 | 12 | 24 | 48
  format: 'jpg' | 'png' | 'webp'
  isProgressive?: boolean
  /** EXIF orientation of the stored pixels. */
  orientation?: 1 | 6
}

/** Stored width and height in pixels. */
const sizes = {
  1: { width: 1200, height: 900 },
  6: { width: 3000, height: 2000 },
  12: { width: 4000, height: 3000 },
  24: { width: 6000, height: 4000 },
  48: { width: 8000, height: 6000 },
} as const

export const contentTypes = { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' } as const

const directory = join(projectDirectory, '.anyhost/bench/photos')

/** Part of each file's name: raise it when the pictures change. */
const edition = 1

/** The picture's size as a person sees it. */
export function uprightSize({ megapixels, orientation }: Photo): { width: number; height: number } {
  const { width, height } = sizes[megapixels]
  return orientation === 6 ? { width: height, height: width } : { width, height }
}

/** The file of a picture, made on first use and kept: the same bytes as long as sharp is the same. */
export async function photoFile(photo: Photo): Promise<string> {
  const { megapixels, format, isProgressive, orientation = 1 } = photo
  const name = [`${megapixels}mp`, isProgressive && 'progressive', orientation === 6 && 'exif6', `v${edition}`]
  const file = join(directory, `${name.filter(Boolean).join('-')}.${format}`)
  if (existsSync(file)) return file
  await mkdir(directory, { recursive: true })
  const { width, height } = sizes[megapixels]
  const image = sharp(paint(width, height), { raw: { width, height, channels: 3 } }).withMetadata({ orientation })
  if (format === 'jpg') image.jpeg({ quality: 85, progressive: isProgressive ?? false })
  else if (format === 'webp') image.webp({ quality: 85, effort: 2 })
  else image.png({ compressionLevel: 6 })
  // Renamed when it is whole, so that one that was interrupted is not taken for a picture.
  await image.toFile(`${file}.part`)
  await rename(`${file}.part`, file)
  return file
}

/**
 * Pixels like a photo's: broad light, clouds of detail from coarse to fine, shapes with edges, and the sensor's grain.
 * About three bits a pixel as a JPEG of quality 85.
 * @returns RGB, three bytes a pixel
 */
export function paint(width: number, height: number): Buffer {
  const random = randomNumbers(20_261_123)
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

/** Of twelve megapixels. More of them come from a processor that smooths them: 48 megapixels have 11 MB, not 20. */
const grainStrength = (width: number) => 31 * Math.sqrt(4000 / Math.max(4000, width))

/** Noise from cells of a quarter of the picture down to a two-thousandth, the finer the fainter. */
function octaves(width: number, height: number, random: () => number) {
  const layers: { addTo(row: Float32Array, y: number): void }[] = []
  for (let cell = width / 4, strength = 56; cell >= width / 2000; cell /= 2.5, strength *= 0.92) {
    layers.push(createLayer(width, height, cell, strength, random))
  }
  return layers
}

/** One octave: a lattice of random values, blended between smoothly; light, with a touch of colour. */
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

/** Random numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
