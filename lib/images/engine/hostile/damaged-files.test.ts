import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { type RenderedVariant, renderVariants } from '@/lib/images/engine/render'
import { avifGrid } from '@/lib/images/engine/test-support/avif'
import { gif } from '@/lib/images/engine/test-support/gif'
import { formats, smallFile, smallPicture } from '@/lib/images/engine/test-support/hostile-files'
import { scanBomb } from '@/lib/images/engine/test-support/jpeg'
import { animatedWebp } from '@/lib/images/engine/test-support/webp'
import type { Result } from '@/lib/result'
import { propertyRun } from '@/tools/testing/property-run'

const files: Record<string, Buffer> = {}
for (const format of formats) files[format] = await smallFile(format)

const tileSize = { width: 32, height: 32 }
const tile = await smallPicture().resize(32, 32).avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer()

/** What is decoded in other ways, or counted before. */
const others: Record<string, Buffer> = {
  'progressive jpeg': await smallPicture().jpeg({ progressive: true }).toBuffer(),
  'jpeg of 90 scans': scanBomb({ width: 64, height: 48, scans: 90 }),
  'interlaced png': await smallPicture().png({ progressive: true }).toBuffer(),
  'lossless webp': await smallPicture().webp({ lossless: true }).toBuffer(),
  'animated webp': animatedWebp(files.webp as Buffer, { width: 64, height: 48 }, 3),
  'animated gif': gif({ width: 10, height: 10 }, 3),
  'tiled avif': avifGrid({ tile, tileSize, columns: 2, rows: 2, size: { width: 64, height: 64 } }),
}

const variants = [{ name: 'only', width: 16, height: 16 }]

/** The whole of a picture, or its refusal; whatever is thrown fails the test. */
async function take(bytes: Uint8Array): Promise<Result<RenderedVariant[]>> {
  const header = await readHeader(bytes, 1e6)
  if (!header.ok) return header
  const area = { x: 0, y: 0, ...header.value.upright }
  return renderVariants(
    bytes,
    header.value,
    { area, rotate: 0, flip: { horizontal: false, vertical: false } },
    variants,
  )
}

const codes = ['unreadable_image', 'unsupported_type', 'too_many_pixels']

/** A good picture of the size that was asked for, or one of the codes. */
async function expectAnswer(bytes: Uint8Array): Promise<void> {
  const taken = await take(bytes)
  if (!taken.ok) return expect(codes).toContain(taken.code)
  const { width, height } = await sharp(taken.value[0]?.bytes).metadata()
  expect([width, height]).toEqual([16, 16])
}

/** Bytes of the end mark: without it all pixels are there. */
const endMark = { jpeg: 0, png: 12, webp: 0, gif: 1, avif: 0 }

describe('S17: a file that breaks off', () => {
  test.each(formats)('anywhere before its end mark is refused: %s', async (format) => {
    const file = files[format] as Buffer
    expect((await take(file)).ok).toBe(true)
    const last = file.length - endMark[format] - 1
    // Its first bytes and its last ones, and a hundred places between.
    const lengths = new Set(Array.from({ length: 100 }, (_, at) => Math.floor((at * last) / 100)))
    for (let at = 0; at < 40; at += 1) lengths.add(at).add(last - at)
    for (const length of lengths) {
      const taken = await take(file.subarray(0, length))
      const code = taken.ok ? 'taken' : taken.code
      expect(code, `${length} of ${file.length} bytes`).toMatch(/^(unreadable_image|unsupported_type)$/)
    }
  })
})

/** A cut, a flip, something doubled or strewn in: what disks, networks and attackers do to a file. */
const Damage = fc.record({
  kind: fc.constantFrom('flip', 'set', 'insert', 'cut', 'double', 'end'),
  at: fc.nat(),
  bit: fc.nat(7),
  length: fc.nat(200),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
})
type Damage = typeof Damage extends fc.Arbitrary<infer D> ? D : never

function damage(file: Buffer, done: Damage): Buffer {
  const at = done.at % (file.length + 1)
  const [before, after] = [file.subarray(0, at), file.subarray(at)]
  if (done.kind === 'end') return before
  if (done.kind === 'insert') return Buffer.concat([before, done.bytes, after])
  if (done.kind === 'cut') return Buffer.concat([before, after.subarray(done.length)])
  if (done.kind === 'double') return Buffer.concat([before, after.subarray(0, done.length), after])
  if (done.kind === 'set') return Buffer.concat([before, done.bytes, after.subarray(done.bytes.length)])
  const flipped = Buffer.from(file)
  if (at < file.length) flipped[at] = (file[at] as number) ^ (1 << done.bit)
  return flipped
}

describe('a file that is damaged at random is a picture or is refused, and nothing is thrown:', () => {
  const { seed, runs } = propertyRun()
  test.each(Object.entries({ ...files, ...others }))(`%s (seed ${seed})`, async (_name, file) => {
    await fc.assert(
      fc.asyncProperty(fc.array(Damage, { minLength: 1, maxLength: 4 }), async (all) => {
        await expectAnswer(all.reduce(damage, file))
      }),
      { seed, numRuns: 20 * runs },
    )
  })
})
