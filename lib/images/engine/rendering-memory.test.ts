import { expect, test } from 'vitest'
import { parseEnv } from '@/lib/env'
import { renderingMemory } from './rendering-memory'

const megapixels = (count: number) => ({ width: count * 1000, height: 1000 })
const plain = { format: 'jpg', isProgressive: false, loadedFrames: 1 } as const

const { cropMemoryBytes: budget } = parseEnv({
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'pictures',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 's'.repeat(32),
})

test('estimates memory in proportion to the pixels', () => {
  const small = renderingMemory({ ...plain, stored: megapixels(1) })
  expect(renderingMemory({ ...plain, stored: megapixels(48) })).toBe(48 * small)
})

test('estimates at least twice the memory for a progressive JPEG', () => {
  const stored = megapixels(12)
  const baseline = renderingMemory({ ...plain, stored })
  expect(renderingMemory({ ...plain, stored, isProgressive: true })).toBeGreaterThanOrEqual(2 * baseline)
})

test('counts all frames of an animation', () => {
  const frame = { stored: megapixels(1), format: 'gif', isProgressive: false, loadedFrames: 1 } as const
  expect(renderingMemory({ ...frame, loadedFrames: 20 })).toBe(20 * renderingMemory(frame))
})

test('S18: the default budget fits two 48-megapixel photos, or one progressive one', () => {
  const photo = renderingMemory({ ...plain, stored: megapixels(48) })
  const progressive = renderingMemory({ ...plain, stored: megapixels(48), isProgressive: true })
  expect(2 * photo).toBeLessThanOrEqual(budget)
  expect(progressive + renderingMemory({ ...plain, stored: megapixels(12) })).toBeGreaterThan(budget)
})
