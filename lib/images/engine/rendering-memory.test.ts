import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { parseEnv } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { seededRandom } from '@/tools/testing/random'
import { readHeader } from './header'
import { renderingMemory } from './rendering-memory'
import { jpegInSeparateScans } from './test-support/jpeg'
import { measureMemory } from './test-support/measure-memory'
import type { MemoryCase } from './test-support/memory-worker'

const megapixels = (count: number) => ({ width: count * 1000, height: 1000 })

/** The header of a JPEG. */
const plain = {
  format: 'jpg',
  isProgressive: false,
  pixelBytes: 3,
  isSubsampled: true,
  frames: 1,
  loadedFrames: 1,
} as const

const { cropMemoryBytes: budget, maxPixels } = parseEnv({
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'pictures',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 's'.repeat(32),
})

const unrotated = { rotate: 0 }
const covers = collections[1]?.variants ?? []
const estimate = (header: Partial<Parameters<typeof renderingMemory>[0]>) =>
  renderingMemory({ ...plain, stored: megapixels(maxPixels / 1e6), ...header }, unrotated, covers)

describe('S18: the default budget', () => {
  test('fits two 48-megapixel photos, but only one progressive one', () => {
    const stored = megapixels(48)
    expect(2 * estimate({ stored })).toBeLessThanOrEqual(budget)
    expect(2 * estimate({ stored, isProgressive: true })).toBeGreaterThan(budget)
  })

  test.each([
    ['progressive JPEG in 4:4:4', { isProgressive: true, isSubsampled: false }],
    ['interlaced PNG of 16 bits', { format: 'png', isProgressive: true, pixelBytes: 6 }],
    ['WebP', { format: 'webp' }],
    ['GIF', { format: 'gif' }],
    ['AVIF of 21 megapixels', { format: 'avif', stored: megapixels(21) }],
    ['animation of 33 frames', { format: 'gif', stored: { width: 1500, height: 500 }, frames: 33, loadedFrames: 33 }],
  ] as const)('fits the largest %s', (_name, header) => {
    expect(estimate(header)).toBeLessThanOrEqual(budget)
  })
})

const photo = { width: 4000, height: 3000 }

/** Creates a flat picture: its size decides about memory, not its content. */
const flat = (channels: 3 | 4 = 3) =>
  sharp({ create: { ...photo, channels, background: { r: 180, g: 90, b: 40, alpha: 0.5 } } })

const deep = (channels: 3 | 4 = 3) => flat(channels).toColourspace('rgb16')

/** Creates frames that all differ. */
function animate(width: number, height: number, frames: number): Sharp {
  const data = Buffer.concat(Array.from({ length: frames }, (_, at) => Buffer.alloc(width * height * 3, at * 2)))
  return animationOf(data, width, height, 3)
}

/** Creates frames of noise, transparent too: the encoder's files are as large as they can be. */
function animateNoise(width: number, height: number, frames: number): Sharp {
  const random = seededRandom(1)
  return animationOf(
    Buffer.from(Array.from({ length: width * height * 4 * frames }, () => random() * 256)),
    width,
    height,
    4,
  )
}

function animationOf(data: Buffer, width: number, height: number, channels: 3 | 4): Sharp {
  const frames = data.length / (width * height * channels)
  return sharp(data, { raw: { width, height: height * frames, channels, pageHeight: height } })
}

const progressive = { progressive: true }
const full = { chromaSubsampling: '4:4:4' }
const fast = { effort: 0 }

type Kind = [name: string, create: () => Sharp | Promise<Buffer>, options?: MemoryCase]

/** `npm test` measures these. */
const someKinds: Kind[] = [
  ['a progressive JPEG in 4:4:4', () => flat().jpeg({ ...progressive, ...full })],
  ['an interlaced PNG of 16 bits with alpha', () => deep(4).png(progressive)],
  ['a small animation of many frames', () => animateNoise(64, 64, 95).webp(fast), { collection: 'avatars' }],
]

/** `npm run test:all` measures these too. */
const otherKinds: Kind[] = [
  ['a JPEG', () => flat().jpeg()],
  ['a JPEG in 4:4:4', () => flat().jpeg(full)],
  ['a JPEG in CMYK', () => flat().toColourspace('cmyk').jpeg(full)],
  ['a gray JPEG', () => flat().toColourspace('b-w').jpeg()],
  ['a JPEG with a scan for each channel', () => jpegInSeparateScans(photo)],
  ['a rotated JPEG', () => flat().jpeg(), { collection: 'covers', rotate: 45 }],
  ['a progressive JPEG', () => flat().jpeg(progressive)],
  [
    'a progressive JPEG in CMYK',
    () =>
      flat()
        .toColourspace('cmyk')
        .jpeg({ ...progressive, ...full }),
  ],
  ['a PNG', () => flat().png()],
  ['a PNG with alpha', () => flat(4).png()],
  ['a PNG with a palette', () => flat().png({ palette: true, effort: 1 })],
  ['a PNG of 16 bits', () => deep().png()],
  ['a PNG of 16 bits with alpha', () => deep(4).png()],
  ['an interlaced PNG', () => flat().png(progressive)],
  ['an interlaced PNG with alpha', () => flat(4).png(progressive)],
  ['an interlaced PNG of 16 bits', () => deep().png(progressive)],
  ['a WebP', () => flat().webp(fast)],
  ['a WebP with alpha', () => flat(4).webp(fast)],
  ['a lossless WebP with alpha', () => flat(4).webp({ ...fast, lossless: true })],
  ['an AVIF', () => flat().avif(fast)],
  ['an AVIF with alpha', () => flat(4).avif({ ...fast, ...full })],
  ['a GIF', () => flat().gif({ effort: 1 })],
  ['a small GIF of many frames', () => animate(64, 64, 95).gif({ effort: 1 }), { collection: 'avatars' }],
  ['a small animation of many frames for covers', () => animateNoise(300, 100, 33).webp(fast)],
  ['a large WebP of few frames', () => animate(2000, 2000, 6).webp(fast)],
  ['a large GIF of few frames', () => animate(2000, 2000, 6).gif({ effort: 1 })],
  [
    'a rotated GIF of few frames',
    () => animate(2000, 2000, 6).gif({ effort: 1 }),
    { collection: 'covers', rotate: 30 },
  ],
  ['a rotated animation of many frames', () => animate(512, 512, 95).webp(fast), { collection: 'avatars', rotate: 45 }],
]

const kinds = process.env.EVERY_MEMORY_KIND === 'true' ? [...someKinds, ...otherKinds] : someKinds

describe.skipIf(process.platform !== 'linux')('S18: the estimated memory covers the measured memory of', () => {
  test.each(kinds)('%s', { timeout: 60_000 }, async (_name, create, options = { collection: 'covers' }) => {
    const created = create()
    const { growthMb, estimateMb } = await measureMemory(
      created instanceof Promise ? await created : await created.toBuffer(),
      options,
    )
    expect(growthMb).toBeLessThanOrEqual(estimateMb)
    // An estimate that is far too high would waste the host.
    if (growthMb > 50) expect(estimateMb).toBeLessThan(4 * growthMb)
  })
})

test('reads from a JPEG with a scan for each channel that all of it stays in memory', async () => {
  expect(await readHeader(await jpegInSeparateScans({ width: 64, height: 48 }), 1e6)).toMatchObject({
    value: { isProgressive: true, upright: { width: 64, height: 48 } },
  })
})
