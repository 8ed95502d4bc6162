import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { defaultCollection, type Variant } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'
import { luma, psnr, shiftBetween } from '@/tools/testing/pixel-difference'
import { squareRecipe } from './crops'
import { type Family, higherIsBetter, lowerIsBetter } from './figure'
import { loadEngine } from './load-engine'
import { type Photo, photoFile } from './photos'

const photos: Record<string, Photo> = {
  '12mp': { megapixels: 12, format: 'jpg' },
  '12mp-exif6': { megapixels: 12, format: 'jpg', orientation: 6 },
  '48mp': { megapixels: 48, format: 'jpg' },
}

/** Reported for identical images, whose PSNR is infinite. */
const identicalDb = 99

/** The engine's variants against those of an exact path without shortcuts. The worst one counts. */
export const exact: Family = {
  name: 'exact',
  figures: [
    higherIsBetter('exact-psnr', 'dB', 36, 'fast path against the exact one, the worst case'),
    lowerIsBetter('exact-shift', 'px', 0.1, 'shift of the fast path against the exact one, the worst case'),
  ],
  async run(bench) {
    const results: { name: string; psnr: number; shift: number }[] = []
    for (const [photoName, photo] of Object.entries(photos)) {
      for (let index = 1; index <= bench.amount(3, 1); index += 1) {
        const file = await photoFile(photo)
        for (const each of await compare(file, squareRecipe(photo, index * 11))) {
          results.push({ ...each, name: `${photoName} at ${each.name}` })
        }
      }
    }
    const worst = results.reduce((one, other) => (other.psnr < one.psnr ? other : one))
    const farthest = results.reduce((one, other) => (other.shift > one.shift ? other : one))
    return [
      { name: 'exact-psnr', value: worst.psnr, spread: null, note: worst.name },
      { name: 'exact-shift', value: farthest.shift, spread: null, note: farthest.name },
    ]
  },
}

async function compare(file: string, recipe: Recipe) {
  const own = await renderLossless(file, recipe)
  const cut = await cutExactly(file, recipe)
  return Promise.all(
    defaultCollection.variants.map(async (variant, index) => {
      const { name, width, height } = variant
      const exactPixels = await resizeExactly(cut, variant)
      const ownPixels = await sharp(own[index]).removeAlpha().raw().toBuffer()
      const { x, y } = shiftBetween(luma(width, height, exactPixels), luma(width, height, ownPixels))
      return { name, psnr: Math.min(identicalDb, psnr(exactPixels, ownPixels)), shift: Math.hypot(x, y) }
    }),
  )
}

/**
 * Renders the engine's variants without the loss of WebP: replaces sharp's encoder with a lossless one meanwhile.
 * @throws if a variant is not lossless
 */
async function renderLossless(file: string, recipe: Recipe): Promise<Buffer[]> {
  const { readHeader, renderVariants } = await loadEngine()
  const prototype: Pick<Sharp, 'webp'> = Object.getPrototypeOf(
    sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } }),
  )
  const encoder = Object.getOwnPropertyDescriptor(prototype, 'webp')
  const { webp } = prototype
  prototype.webp = function (this: Sharp) {
    return webp.call(this, { lossless: true, effort: 0 })
  }
  try {
    const bytes = await readFile(file)
    const header = await readHeader(bytes, 50_000_000)
    if (!header.ok) throw new Error(`the engine rejected ${file}: ${header.code}`)
    const rendered = await renderVariants(bytes, header.value, recipe, defaultCollection.variants)
    if (!rendered.ok) throw new Error(`the engine rejected a crop of ${file}: ${rendered.code}`)
    return defaultCollection.variants.map(({ name }) => {
      const variant = rendered.value.find((candidate) => candidate.name === name)
      // The chunk of lossless WebP (RFC 9649).
      if (!variant?.bytes.includes('VP8L')) throw new Error(`the engine made no lossless variant ${name}`)
      return variant.bytes
    })
  } finally {
    if (encoder) Object.defineProperty(prototype, 'webp', encoder)
    else Reflect.deleteProperty(prototype, 'webp')
  }
}

interface Pixels {
  data: Buffer
  width: number
  height: number
}

/** Decodes every pixel, turns the photo upright and cuts the area, at full size. */
async function cutExactly(file: string, { area }: Recipe): Promise<Pixels> {
  const upright = await sharp(file).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = upright.info
  const { data, info } = await sharp(upright.data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .extract({ left: area.x, top: area.y, width: area.width, height: area.height })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Resizes the whole cut in one step. */
function resizeExactly({ data, width, height }: Pixels, variant: Variant): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(variant.width, variant.height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer()
}
