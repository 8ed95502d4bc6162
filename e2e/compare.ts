import sharp from 'sharp'

/**
 * Returns the mean absolute difference of the channels, 0 to 255, in the middle of two images' inscribed circles.
 * Scales both to the same size and blurs them slightly to hide differences of scaling and encoding.
 */
export async function difference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(normalise))
  let sum = 0
  for (const [index, value] of (a as Buffer).entries()) sum += Math.abs(value - ((b as Buffer)[index] as number))
  return sum / (a as Buffer).length
}

const side = 128
const inner = 90

async function normalise(image: Buffer): Promise<Buffer> {
  const scaled = await sharp(image)
    .flatten({ background: '#000' })
    .removeAlpha()
    .resize(side, side, { fit: 'fill' })
    .png()
    .toBuffer()
  const margin = Math.round((side - inner) / 2)
  return sharp(scaled).extract({ left: margin, top: margin, width: inner, height: inner }).blur(1).raw().toBuffer()
}
