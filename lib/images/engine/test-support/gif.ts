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
