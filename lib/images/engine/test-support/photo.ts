import sharp, { type Sharp } from 'sharp'
import type { Size } from '@/lib/images/geometry'

/** Creates a picture like a photo: noise at several scales, hard edges and smooth gradients. */
export async function createPhoto({ width, height }: Size): Promise<Sharp> {
  const octave = (scale: number, sigma: number) =>
    sharp({
      create: {
        width: Math.ceil(width / scale),
        height: Math.ceil(height / scale),
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma },
      },
    })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .png({ compressionLevel: 1 })
      .toBuffer()
  const [coarse, middle, fine] = await Promise.all([octave(64, 70), octave(12, 40), octave(2, 20)])
  const edges = Buffer.from(Array.from({ length: 9 * 7 * 3 }, (_, at) => ((at * 7919) % 13) * 20))
  const tiles = await sharp(edges, { raw: { width: 9, height: 7, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .png({ compressionLevel: 1 })
    .toBuffer()
  const layers = [tiles, middle, fine].map((input) => ({ input, blend: 'soft-light' as const }))
  const { data, info } = await sharp(coarse).composite(layers).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: info })
}
