import sharp from 'sharp'
import { expect, test } from 'vitest'
import { gif } from '@/lib/images/engine/test-support/gif'
import { smallFile } from '@/lib/images/engine/test-support/hostile-files'
import { animatedPng } from '@/lib/images/engine/test-support/png'
import { animatedWebp } from '@/lib/images/engine/test-support/webp'
import { countFrames, isAnimatedPng, mayBeAnimated } from './frames'
import { countPixels } from './pixel-count'

const size = { width: 64, height: 48 }
const webp = await smallFile('webp')

test('S16: counts frames as the image engine does', async () => {
  const animations = [
    gif(size, 1),
    gif(size, 3),
    gif(size, 90),
    animatedWebp(webp, size, 2),
    animatedWebp(webp, size, 9),
  ]
  for (const bytes of animations) expect(countFrames(bytes)).toBe((await sharp(bytes).metadata()).pages ?? 1)
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'] as const) {
    expect(countFrames(await smallFile(format)), format).toBe(1)
  }
})

test('tells a moving WebP from a still one by its first bytes', async () => {
  expect(mayBeAnimated(animatedWebp(webp, size, 2).subarray(0, 64))).toBe(true)
  expect(mayBeAnimated(gif(size, 1).subarray(0, 64))).toBe(true)
  expect(mayBeAnimated(webp.subarray(0, 64))).toBe(false)
  expect(mayBeAnimated((await smallFile('jpeg')).subarray(0, 64))).toBe(false)
})

test('apng: tells a moving PNG from a still one', async () => {
  const still = await smallFile('png')
  const moving = animatedPng([still, still])
  expect([isAnimatedPng(moving), mayBeAnimated(moving.subarray(0, 64)), countFrames(moving)]).toEqual([true, true, 1])
  for (const format of ['png', 'webp', 'gif', 'jpeg'] as const) {
    expect(isAnimatedPng(await smallFile(format)), format).toBe(false)
  }
})

test('S16: counts every frame of an animation, twice, at the largest variant or more', () => {
  const largest = { width: 512, height: 512 }
  expect(countPixels({ width: 4000, height: 3000, frames: 1 }, largest)).toBe(12_000_000)
  expect(countPixels({ width: 64, height: 64, frames: 1 }, largest)).toBe(64 * 64)
  expect(countPixels({ width: 64, height: 64, frames: 10 }, largest)).toBe(2 * 512 * 512 * 10)
  expect(countPixels({ width: 1000, height: 1000, frames: 10 }, largest)).toBe(20_000_000)
  expect(countPixels({ width: 64, height: 64, frames: 10 })).toBe(2 * 64 * 64 * 10)
})
