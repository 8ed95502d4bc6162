/** Builds GIF files block by block (GIF89a). */

const u16 = (value: number) => [value & 255, value >> 8]

/** Creates a GIF of one or more frames of one pixel each, with a logical screen of the given size. */
export function gif(screen: { width: number; height: number }, frames: number, ...blocks: Buffer[]): Buffer {
  const frame = [
    // Graphic control extension: a delay of 0.1 s.
    ...[0x21, 0xf9, 4, 0, 10, 0, 0, 0],
    // Image of one pixel, in LZW codes of 2 bits: clear, colour 0, end.
    ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0],
    ...[2, 2, 0x44, 0x01, 0],
  ]
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    Buffer.from([...u16(screen.width), ...u16(screen.height), 0x80, 0, 0, 200, 90, 40, 0, 0, 0]),
    ...blocks,
    ...Array.from({ length: frames }, () => Buffer.from(frame)),
    Buffer.from([0x3b]),
  ])
}

export function gifComment(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x21, 0xfe, text.length]), Buffer.from(text, 'latin1'), Buffer.from([0])])
}

export interface GifFrame {
  x: number
  y: number
  width: number
  height: number
  /** Index of the colour of all pixels, in `gifColours`. */
  colour: number
  /** Index of the colour that is transparent. */
  transparent?: number
  /** What happens after the frame (GIF89a, 23): 1 keeps it, 2 clears its area, 3 restores what was before. */
  disposal?: number
}

/** The colours of `gifOfFrames`, as red, green and blue. */
export const gifColours: readonly [number, number, number][] = [
  [200, 90, 40],
  [60, 120, 180],
  [30, 160, 60],
  [240, 230, 210],
]

/** Creates a GIF of frames of one colour each, with a delay of 0.1 s. */
export function gifOfFrames(screen: { width: number; height: number }, ...frames: GifFrame[]): Buffer {
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    Buffer.from([...u16(screen.width), ...u16(screen.height), 0x81, 1, 0, ...gifColours.flat()]),
    ...frames.map(encodeFrame),
    Buffer.from([0x3b]),
  ])
}

function encodeFrame({ x, y, width, height, colour, transparent, disposal = 0 }: GifFrame): Buffer {
  const flags = (disposal << 2) | (transparent === undefined ? 0 : 1)
  const control = [0x21, 0xf9, 4, flags, ...u16(10), transparent ?? 0, 0]
  const descriptor = [0x2c, ...u16(x), ...u16(y), ...u16(width), ...u16(height), 0]
  // LZW codes of 8 bits: 0x80 clears the table often enough that the codes never grow, 0x81 ends.
  const blocks: Buffer[] = []
  for (let left = width * height; left > 0; left -= 100) {
    const pixels = Math.min(left, 100)
    blocks.push(Buffer.from([pixels + 1, 0x80]), Buffer.alloc(pixels, colour))
  }
  return Buffer.concat([Buffer.from([...control, ...descriptor, 7]), ...blocks, Buffer.from([1, 0x81, 0])])
}
