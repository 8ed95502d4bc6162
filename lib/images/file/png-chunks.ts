/** A chunk of a PNG. Its data lies between `at + 8` and `end - 4`. */
export interface PngChunk {
  name: string
  at: number
  /** Beyond the end of the file if the chunk is incomplete. */
  end: number
}

/** Reads the chunks of a PNG (W3C PNG, 5.3: length, type, data, checksum). The last one may be incomplete. */
export function* pngChunks(png: Uint8Array): Generator<PngChunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  for (let at = 8; at + 12 <= png.length; ) {
    const [a, b, c, d] = [png[at + 4], png[at + 5], png[at + 6], png[at + 7]] as [number, number, number, number]
    const end = at + 12 + view.getUint32(at)
    yield { name: String.fromCharCode(a, b, c, d), at, end }
    at = end
  }
}
