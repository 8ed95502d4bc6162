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

/** Files that take other paths through the decoders or through the checks before them. */
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

/** Renders the whole picture; an exception fails the test. */
async function renderWhole(bytes: Uint8Array): Promise<Result<RenderedVariant[]>> {
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

/** Expects a picture of the requested size or one of the error codes. */
async function expectRenderedOrRejected(bytes: Uint8Array): Promise<void> {
  const rendered = await renderWhole(bytes)
  if (!rendered.ok) return expect(codes).toContain(rendered.code)
  const { width, height } = await sharp(rendered.value[0]?.bytes).metadata()
  expect([width, height]).toEqual([16, 16])
}

/** Bytes after the data of the last pixel; a file without them still has all pixels. */
const bytesAfterPixels = { jpeg: 2, png: 12, webp: 0, gif: 3, avif: 0 }

describe('S17: rejects a file that ends before its last pixel:', () => {
  test.each(formats)('%s', async (format) => {
    const file = files[format] as Buffer
    expect((await renderWhole(file)).ok).toBe(true)
    const last = file.length - bytesAfterPixels[format] - 1
    // The first 40 lengths, the last 40 and a hundred in between.
    const lengths = new Set(Array.from({ length: 100 }, (_, at) => Math.floor((at * last) / 100)))
    for (let at = 0; at < 40; at += 1) lengths.add(at).add(last - at)
    for (const length of lengths) {
      const rendered = await renderWhole(file.subarray(0, length))
      const code = rendered.ok ? 'accepted' : rendered.code
      expect(code, `${length} of ${file.length} bytes`).toMatch(/^(unreadable_image|unsupported_type)$/)
    }
  })
})

/** One change of the kind that disks, networks and attackers make to a file. */
const Damage = fc.record({
  kind: fc.constantFrom('flip', 'set', 'insert', 'cut', 'double', 'end'),
  at: fc.nat(),
  bit: fc.nat(7),
  length: fc.nat(200),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
})
type Damage = typeof Damage extends fc.Arbitrary<infer D> ? D : never

function applyDamage(file: Buffer, damage: Damage): Buffer {
  const at = damage.at % (file.length + 1)
  const [before, after] = [file.subarray(0, at), file.subarray(at)]
  if (damage.kind === 'end') return before
  if (damage.kind === 'insert') return Buffer.concat([before, damage.bytes, after])
  if (damage.kind === 'cut') return Buffer.concat([before, after.subarray(damage.length)])
  if (damage.kind === 'double') return Buffer.concat([before, after.subarray(0, damage.length), after])
  if (damage.kind === 'set') return Buffer.concat([before, damage.bytes, after.subarray(damage.bytes.length)])
  const flipped = Buffer.from(file)
  if (at < file.length) flipped[at] = (file[at] as number) ^ (1 << damage.bit)
  return flipped
}

describe('renders or rejects a randomly damaged file without throwing:', () => {
  const { seed, runs } = propertyRun()
  test.each(Object.entries({ ...files, ...others }))(`%s (seed ${seed})`, async (_name, file) => {
    await fc.assert(
      fc.asyncProperty(fc.array(Damage, { minLength: 1, maxLength: 4 }), async (all) => {
        await expectRenderedOrRejected(all.reduce(applyDamage, file))
      }),
      { seed, numRuns: 20 * runs },
    )
  })
})
