import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { createHostileFiles, maxPixels, smallFile } from '@/lib/images/engine/test-support/hostile-files'

const files = await createHostileFiles()
const text = files.find(({ name }) => name === 'a text')?.bytes as Buffer

/** The code of the refusal, or `fine`. */
async function take(bytes: Buffer): Promise<string> {
  const header = await readHeader(bytes, maxPixels)
  if (!header.ok) return header.code
  const area = { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 64, height: 64 }])
  if (!rendered.ok) return rendered.code
  const { format, width, height } = await sharp(rendered.value[0]?.bytes).metadata()
  expect([format, width, height]).toEqual(['webp', 64, 64])
  return 'fine'
}

/** What the work costs this process in milliseconds of CPU: the cheapest of some rounds, since others work here too. */
async function cost(work: () => Promise<unknown>, rounds = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

test.each(files.map((file) => [file.name, file.ends, file.bytes] as const))(
  'S14-S17: %s: %s',
  async (_name, ends, bytes) => {
    expect(await take(bytes)).toBe(ends)
  },
)

const cheap = files.filter(({ isCheap }) => isCheap)

test.each(cheap.map((file) => [file.name, file.ends, file.bytes] as const))(
  'S16: %s: the header tells, nothing is decoded',
  async (_name, ends, bytes) => {
    expect(await readHeader(bytes, maxPixels)).toEqual({ ok: false, code: ends })
  },
)

test('S16: where the header tells, a refusal costs about as much as that of a plain text', async () => {
  await take(text)
  const plain = await cost(() => take(text), 20)
  const costly: string[] = []
  for (const { name, bytes } of cheap) {
    const spent = await cost(() => take(bytes), 10)
    // Two milliseconds at most are noise, such as the collector at work; the cheapest of these bombs costs hundreds.
    if (spent > 20 * plain + 2) costly.push(`${name}: ${spent} ms against ${plain} ms`)
  }
  expect(costly).toEqual([])
})

test('S16: a picture that says more than it has costs little beside one that has it', async () => {
  const size = { width: 7_000, height: 7_000 }
  const whole = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
    .png({ compressionLevel: 1 })
    .toBuffer()
  const decoded = await cost(async () => expect(await take(whole)).toBe('fine'))
  for (const { name, bytes } of files.filter(({ name }) => name.includes('that says 7,000²'))) {
    expect((await cost(() => take(bytes), 10)) / decoded, name).toBeLessThan(0.2)
  }
})

test('S18: refused a hundred times over, they leave no memory behind', async () => {
  const refused = files.filter(({ ends, isCheap }) => isCheap && ends !== 'fine')
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) for (const { bytes } of refused) await take(bytes)
    globalThis.gc?.()
    return process.memoryUsage.rss()
  }
  const after10 = await rounds(10)
  const after100 = await rounds(90)
  expect(after100 / after10).toBeLessThan(1.25)
})

test('and a good picture is as good as before', async () => {
  expect(await take(await smallFile('jpeg'))).toBe('fine')
})
