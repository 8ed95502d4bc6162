/** Thrown when a scan ends before its last block, or is damaged. */
export class ScanEnded extends Error {}

/** Decodes the Huffman codes of one JPEG scan. It has no values: to count blocks, lengths are enough. */
export type HuffmanTable = Uint16Array

/**
 * Builds a lookup from the next 16 bits to a code's length (high byte) and its symbol (low byte); 0 is no code.
 * @param counts the number of codes of each length, 1 to 16 bits (ITU T.81, C.2)
 */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << 16)
  let start = 0
  let next = 0
  counts.forEach((count, index) => {
    const length = index + 1
    for (let code = 0; code < count; code += 1) {
      const end = start + (1 << (16 - length))
      table.fill((length << 8) | (symbols[next] ?? 0), start, end)
      start = end
      next += 1
    }
  })
  return table
}

/** Reads the bits of one scan. A zero byte after FF is stuffing; any other marker ends the data (ITU T.81, F.1.2.3). */
export class BitReader {
  private buffer = 0
  private available = 0

  constructor(
    private readonly bytes: Uint8Array,
    /** Index of the next unread byte. */
    private at: number,
  ) {}

  /** Returns the next symbol. @throws ScanEnded */
  symbol(table: HuffmanTable): number {
    this.fill()
    const next16 = this.available >= 16 ? this.buffer >>> (this.available - 16) : this.buffer << (16 - this.available)
    const entry = table[next16 & 0xffff] as number
    const length = entry >> 8
    if (length === 0) throw new ScanEnded()
    this.drop(length)
    return entry & 0xff
  }

  /** Returns the next bits as a number; at most 16. @throws ScanEnded */
  bits(count: number): number {
    if (count === 0) return 0
    this.fill()
    this.drop(count)
    return (this.buffer >>> this.available) & ((1 << count) - 1)
  }

  /** Skips the padding and the restart marker. @throws ScanEnded if there is none */
  restart(): void {
    this.available = 0
    const isMarker = this.bytes[this.at] === 0xff && ((this.bytes[this.at + 1] ?? 0) & 0xf8) === 0xd0
    if (!isMarker) throw new ScanEnded()
    this.at += 2
  }

  private drop(count: number): void {
    if (count > this.available) throw new ScanEnded()
    this.available -= count
  }

  /** Holds at least 16 bits, or all that are left. */
  private fill(): void {
    while (this.available < 16) {
      const byte = this.bytes[this.at]
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) return
      this.at += byte === 0xff ? 2 : 1
      this.buffer = (this.buffer << 8) | byte
      this.available += 8
    }
  }
}
