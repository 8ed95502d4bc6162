/** Reads the boxes of an AVIF (ISO/IEC 14496-12 and 23008-12). A content is a view of the file's bytes. */

export interface Box {
  type: string
  body: Buffer
}

/** Yields consecutive boxes (ISO/IEC 14496-12, 4.2) up to the first invalid one. */
export function* boxes(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    const isLong = bytes.readUInt32BE(at) === 1
    const headerSize = isLong ? 16 : 8
    if (at + headerSize > bytes.length) return
    const statedSize = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : bytes.readUInt32BE(at)
    // 0 means "to the end of the file".
    const size = statedSize === 0 ? bytes.length - at : statedSize
    if (size < headerSize) return
    yield { type, body: bytes.subarray(at + headerSize, at + size) }
    at += size
  }
}

/** Creates a reader of consecutive numbers; it reads 0 beyond the end. */
export function createReader(bytes: Buffer) {
  let at = 0
  return {
    read: (length: 1 | 2 | 4): number => {
      const value = at + length <= bytes.length ? bytes.readUIntBE(at, length) : 0
      at += length
      return value
    },
    isAtEnd: () => at >= bytes.length,
  }
}

/** Reads the property numbers of each item from a box `ipma`, and appends them to the lists. */
export function readAssociations(body: Buffer, properties: Map<number, number[]>): void {
  const { read, isAtEnd } = createReader(body)
  const versionAndFlags = read(4)
  const idBytes = versionAndFlags >= 1 << 24 ? 4 : 2
  const indexBytes = versionAndFlags & 1 ? 2 : 1
  for (let entries = read(4); entries > 0 && !isAtEnd(); entries -= 1) {
    const list = listOf(properties, read(idBytes))
    // Masks the highest bit, which marks an essential property.
    const mask = indexBytes === 2 ? 0x7fff : 0x7f
    for (let left = read(1); left > 0 && !isAtEnd(); left -= 1) list.push(read(indexBytes) & mask)
  }
}

/** Reads a box `iprp`. @returns the properties of each item, by its id */
export function readProperties(itemProperties: Buffer): Map<number, Box[]> {
  const parts = [...boxes(itemProperties)]
  const properties = parts.flatMap(({ type, body }) => (type === 'ipco' ? [...boxes(body)] : []))
  const numbers = new Map<number, number[]>()
  for (const { type, body } of parts) if (type === 'ipma') readAssociations(body, numbers)
  // Property numbers start at 1.
  return new Map(Array.from(numbers, ([id, own]) => [id, own.flatMap((number) => properties[number - 1] ?? [])]))
}

/** Returns the list of an item. Lists may be long, so callers append in place. */
export function listOf(lists: Map<number, number[]>, id: number): number[] {
  const list = lists.get(id) ?? []
  lists.set(id, list)
  return list
}
