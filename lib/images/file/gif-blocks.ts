/** A block of a GIF with its sub-blocks (GIF89a specification). */
export interface GifBlock {
  /** `end` is the trailer, or an unknown block, at which decoders stop too. */
  type: 'image' | 'extension' | 'end'
  at: number
  /** Where its first sub-block begins. */
  dataAt: number
  /** Where it ends; beyond the end of the file if it is incomplete. */
  end: number
}

/** Returns where the first block begins: after the header and the colour table of the file. */
export function firstBlockAt(gif: Uint8Array): number {
  return 13 + colourTableBytes(gif[10])
}

/** Reads the blocks of a GIF, without decoding pixels. The last one may be incomplete. */
export function* gifBlocks(gif: Uint8Array): Generator<GifBlock> {
  for (let at = firstBlockAt(gif); at < gif.length; ) {
    const type = gif[at] === 0x21 ? 'extension' : gif[at] === 0x2c ? 'image' : 'end'
    if (type === 'end') return yield { type, at, dataAt: at, end: at + 1 }
    // An extension has a label before its data; an image has its position, a colour table and the code size.
    const dataAt = at + (type === 'extension' ? 2 : 11 + colourTableBytes(gif[at + 9]))
    let end = dataAt
    while (gif[end]) end += 1 + (gif[end] as number)
    end += 1
    yield { type, at, dataAt, end }
    at = end
  }
}

/** Returns the length of a colour table from the flags that announce it (GIF89a, 18 and 20). */
function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}
