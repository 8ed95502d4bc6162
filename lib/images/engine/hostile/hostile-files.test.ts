import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { createHostileFiles, maxPixels, smallFile } from '@/lib/images/engine/test-support/hostile-files'

const files = await createHostileFiles()
const text = files.find(({ name }) => name === 'a text')?.bytes as Buffer

/** Renders a file and returns the error code, or `fine`. */
async function render(bytes: Buffer): Promise<string> {
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

/** Measures CPU time in milliseconds: the minimum of several rounds, because other work runs in this process too. */
async function measureCpu(work: () => Promise<unknown>, rounds = 3): Promise<number> {
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
    expect(await render(bytes)).toBe(ends)
  },
)

const cheap = files.filter(({ isCheap }) => isCheap)

test.each(cheap.map((file) => [file.name, file.ends, file.bytes] as const))(
  'S16: rejects %s by its header',
  async (_name, ends, bytes) => {
    expect(await readHeader(bytes, maxPixels)).toEqual({ ok: false, code: ends })
  },
)

test('S16: rejecting a file by its header costs about as much as rejecting a text', async () => {
  await render(text)
  const plain = await measureCpu(() => render(text), 20)
  const costly: string[] = []
  for (const { name, bytes } of cheap) {
    const spent = await measureCpu(() => render(bytes), 10)
    // Allows 2 ms of noise, such as garbage collection; decoding the cheapest of these bombs takes hundreds.
    if (spent > 20 * plain + 2) costly.push(`${name}: ${spent} ms, a text ${plain} ms`)
  }
  expect(costly).toEqual([])
})

test('S16: a picture that claims missing pixels costs far less than a complete one', async () => {
  const size = { width: 7_000, height: 7_000 }
  const complete = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
    .png({ compressionLevel: 1 })
    .toBuffer()
  const decoded = await measureCpu(async () => expect(await render(complete)).toBe('fine'))
  for (const { name, bytes } of files.filter(({ name }) => /claiming (7,000|4,500)²/.test(name))) {
    expect((await measureCpu(() => render(bytes), 10)) / decoded, name).toBeLessThan(0.2)
  }
})

test('S18: rejecting the files a hundred times leaks no memory', async () => {
  const rejected = files.filter(({ ends, isCheap }) => isCheap && ends !== 'fine')
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) for (const { bytes } of rejected) await render(bytes)
    globalThis.gc?.()
    return process.memoryUsage.rss()
  }
  const after10 = await rounds(10)
  const after100 = await rounds(90)
  expect(after100 / after10).toBeLessThan(1.25)
})

test('still renders a valid picture afterwards', async () => {
  expect(await render(await smallFile('jpeg'))).toBe('fine')
})
