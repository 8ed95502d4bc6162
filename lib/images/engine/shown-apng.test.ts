import sharp from 'sharp'
import { expect, test } from 'vitest'
import { withFirstFrame } from './apng'
import { readHeader } from './header'
import { extractAll } from './test-support/extract-all'
import { animatedPng } from './test-support/png'

const size = { width: 40, height: 30 }
const flat = (background: string) =>
  sharp({ create: { ...size, channels: 3, background } })
    .png()
    .toBuffer()
const [red, green, blue] = (await Promise.all(['#ff0000', '#00ff00', '#0000ff'].map(flat))) as [Buffer, Buffer, Buffer]

async function colourOf(bytes: Buffer): Promise<number[]> {
  const header = await readHeader(bytes, 1e6)
  if (!header.ok) throw new Error(header.code)
  expect(header.value).toMatchObject({ upright: size, frames: 1 })
  const recipe = { area: { x: 0, y: 0, ...size }, rotate: 0, flip: { horizontal: false, vertical: false } }
  const [frame] = (await extractAll(bytes, header.value, recipe, size)) ?? []
  return Array.from(frame?.data.subarray(0, 3) ?? [])
}

// What Chromium shows first: e2e/shown-and-saved.spec.ts compares it.
test('apng: shows the first frame of an animated PNG', async () => {
  expect(await colourOf(animatedPng([green, blue]))).toEqual([0, 255, 0])
})

test('apng: shows the first frame, not a default image outside the animation', async () => {
  expect(await colourOf(animatedPng([green, blue], red))).toEqual([0, 255, 0])
})

test('apng: leaves other PNGs unchanged, and those whose first frame is missing or small', () => {
  const whole = animatedPng([green, blue], red)
  const control = whole.indexOf('fcTL')
  const small = Buffer.from(whole)
  small.writeUInt32BE(size.width - 1, control + 8)
  const missing = whole.subarray(0, whole.indexOf('fdAT') - 4)
  for (const bytes of [red, animatedPng([green, blue]), small, missing]) expect(withFirstFrame(bytes)).toBe(bytes)
})
