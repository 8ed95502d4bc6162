import sharp from 'sharp'

/**
 * How far two pictures are apart inside the inscribed circle's middle: mean absolute difference of the channels,
 * 0 to 255. Both are brought to the same size; a little blur takes out what scaling and encoding differ in.
 */
export async function difference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(normalise))
  let sum = 0
  for (const [index, value] of (a as Buffer).entries()) sum += Math.abs(value - ((b as Buffer)[index] as number))
  return sum / (a as Buffer).length
}

const side = 128
const inner = 90

async function normalise(picture: Buffer): Promise<Buffer> {
  const scaled = await sharp(picture)
    .flatten({ background: '#000' })
    .removeAlpha()
    .resize(side, side, { fit: 'fill' })
    .png()
    .toBuffer()
  const margin = Math.round((side - inner) / 2)
  return sharp(scaled).extract({ left: margin, top: margin, width: inner, height: inner }).blur(1).raw().toBuffer()
}
