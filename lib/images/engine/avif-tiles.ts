/**
 * How many pixels are decoded for the images that an AVIF puts together from others (grids, overlays, gain maps); 0
 * where it has none. The header tells the size of the whole only: a kilobyte can name one tile of millions of pixels
 * hundreds of times, and no time limit ends that. Items and properties are read as ISO/IEC 23008-12 says; what is
 * there twice counts twice, so a file cannot count for less than its decoding costs.
 */
export function countTilePixels(avif: Uint8Array): number {
  const bytes = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength)
  const items: Items = { parts: new Map(), sizes: [], properties: new Map() }
  for (const { type, body } of boxes(bytes)) if (type === 'meta') readMeta(body, items)
  const known = new Map<number, number>()
  let most = 0
  for (const id of items.parts.keys()) most = Math.max(most, pixelsOf(id, 0, items, known))
  return most
}

interface Items {
  /** The items that an item is put together from, each as often as it is used. */
  parts: Map<number, number[]>
  /** Pixels that a property says, by its number; 0 for one that is no size. */
  sizes: number[]
  /** The numbers of an item's properties. */
  properties: Map<number, number[]>
}

/** Encoders put tiles into a grid, and at most that into an overlay. */
const maxDepth = 4

function pixelsOf(id: number, depth: number, items: Items, known: Map<number, number>): number {
  const found = known.get(id)
  if (found !== undefined) return found
  // One that is a part of itself ends here as well.
  if (depth > maxDepth) return Number.POSITIVE_INFINITY
  let pixels = 0
  const parts = items.parts.get(id)
  if (parts) for (const part of parts) pixels += pixelsOf(part, depth + 1, items, known)
  else for (const property of items.properties.get(id) ?? []) pixels = Math.max(pixels, items.sizes[property] ?? 0)
  known.set(id, pixels)
  return pixels
}

function readMeta(body: Buffer, items: Items): void {
  // A full box: version and flags stand before its content.
  for (const { type, body: content } of boxes(body.subarray(4))) {
    if (type === 'iref') readReferences(content, items)
    if (type !== 'iprp') continue
    for (const { type, body: properties } of boxes(content)) {
      if (type === 'ipco') readSizes(properties, items)
      if (type === 'ipma') readAssociations(properties, items)
    }
  }
}

function readSizes(body: Buffer, { sizes }: Items): void {
  let property = 0
  for (const box of boxes(body)) {
    property += 1
    sizes[property] = Math.max(sizes[property] ?? 0, sizeIn(box))
  }
}

function sizeIn({ type, body }: Box): number {
  return type === 'ispe' && body.length >= 12 ? body.readUInt32BE(4) * body.readUInt32BE(8) : 0
}

function readReferences(body: Buffer, { parts }: Items): void {
  const idBytes = createReader(body).read(4) >= 1 << 24 ? 4 : 2
  for (const { type, body: content } of boxes(body.subarray(4))) {
    if (type !== 'dimg') continue
    const { read, isAtEnd } = createReader(content)
    const named = listOf(parts, read(idBytes))
    for (let left = read(2); left > 0 && !isAtEnd(); left -= 1) named.push(read(idBytes))
  }
}

function readAssociations(body: Buffer, { properties }: Items): void {
  const { read, isAtEnd } = createReader(body)
  const versionAndFlags = read(4)
  const idBytes = versionAndFlags >= 1 << 24 ? 4 : 2
  const indexBytes = versionAndFlags & 1 ? 2 : 1
  for (let entries = read(4); entries > 0 && !isAtEnd(); entries -= 1) {
    const named = listOf(properties, read(idBytes))
    // The highest bit tells only whether the property must be understood.
    for (let left = read(1); left > 0 && !isAtEnd(); left -= 1) {
      named.push(read(indexBytes) & (indexBytes === 2 ? 0x7fff : 0x7f))
    }
  }
}

/** The list of an item, which may be long: it grows in place. */
function listOf(lists: Map<number, number[]>, id: number): number[] {
  const list = lists.get(id) ?? []
  lists.set(id, list)
  return list
}

interface Box {
  type: string
  body: Buffer
}

/** The boxes that stand one behind the other (ISO/IEC 14496-12, 4.2), up to what is none. */
function* boxes(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    const isLong = bytes.readUInt32BE(at) === 1
    const head = isLong ? 16 : 8
    if (at + head > bytes.length) return
    const said = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : bytes.readUInt32BE(at)
    // 0: up to the end.
    const size = said === 0 ? bytes.length - at : said
    if (size < head) return
    yield { type, body: bytes.subarray(at + head, at + size) }
    at += size
  }
}

/** Reads one number after the other; behind the end all are 0. */
function createReader(bytes: Buffer) {
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
