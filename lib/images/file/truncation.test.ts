import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { gif } from '@/lib/images/engine/test-support/gif'
import { isTruncated } from './truncation'

const photo = () => sharp(fileURLToPath(new URL('../../../e2e/samples/landscape.jpg', import.meta.url)))

interface Sample {
  bytes: Buffer
  /** Bytes after the data of the last pixel. */
  rest: number
  /** Bytes before them that may hold no pixel either, such as a code for the end. */
  slack?: number
  /** The shortest length to try: a file without its first bytes has no format. An animation may end between two frames. */
  first?: number
}

const jpeg = async (options: Parameters<Sharp['jpeg']>[0], picture = photo()): Promise<Sample> => ({
  bytes: await picture.jpeg(options).toBuffer(),
  rest: 2,
})
const png = async (options: Parameters<Sharp['png']>[0], picture = photo()): Promise<Sample> => ({
  bytes: await picture.png(options).toBuffer(),
  rest: 12,
})

const samples: Record<string, Sample> = {
  'sequential JPEG': await jpeg({}),
  'JPEG without subsampling, of an odd size': await jpeg({ chromaSubsampling: '4:4:4' }, photo().resize(333, 217)),
  'grayscale JPEG': await jpeg({}, photo().grayscale()),
  'CMYK JPEG': await jpeg({}, photo().toColourspace('cmyk')),
  'progressive JPEG': await jpeg({ progressive: true }),
  'progressive grayscale JPEG of an odd size': await jpeg({ progressive: true }, photo().grayscale().resize(333, 217)),
  'JPEG with scans as MozJPEG orders them': await jpeg({ mozjpeg: true }, photo().resize(332, 216)),
  PNG: await png({}),
  'interlaced PNG': await png({ progressive: true }, photo().resize(33, 21)),
  'PNG of four colours': await png({ palette: true, colours: 4 }),
  'grayscale PNG of 16 bits': await png({}, photo().toColourspace('grey16')),
  GIF: { bytes: await photo().gif().toBuffer(), rest: 2, slack: 2 },
  'animated GIF': { bytes: gif({ width: 10, height: 10 }, 3), rest: 2, slack: 2, first: 75 },
}

/** Renders the whole picture at a small size, as a host does. */
async function render(bytes: Uint8Array): Promise<Buffer> {
  const header = await readHeader(bytes, 1e8)
  if (!header.ok) throw new Error(header.code)
  const area = { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 32, height: 32 }])
  if (!rendered.ok) throw new Error(rendered.code)
  return rendered.value[0]?.bytes as Buffer
}

describe.each(Object.entries(samples))('S17: %s', (_name, { bytes, rest, slack = 1, first = 10 }) => {
  const withoutEnd = bytes.subarray(0, bytes.length - rest)

  test('is accepted without its end mark, and rendered like the complete file', async () => {
    expect(await isTruncated(bytes)).toBe(false)
    expect(await isTruncated(withoutEnd)).toBe(false)
    expect(await render(withoutEnd)).toEqual(await render(bytes))
  })

  test('is rejected if pixels are missing, wherever it ends', async () => {
    const longest = withoutEnd.length - slack
    for (let at = 0; at < 40; at += 1) {
      const length = Math.floor(first + ((longest - first) * at) / 39)
      expect(await isTruncated(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toBe(true)
    }
  })
})
