import { boxes, createReader, listOf, readAssociations } from './avif-boxes'

/**
 * Counts the pixels to decode for the images that an AVIF derives from others (grids, overlays, gain maps); 0 if it has
 * none. The header states only the final size: a kilobyte can refer to one tile of millions of pixels hundreds of
 * times, and no timeout ends that. Reads items and properties as defined by ISO/IEC 23008-12. Duplicates count twice,
 * so a file cannot count for less than its decoding costs.
 */
export function countTilePixels(avif: Uint8Array): number {
  const bytes = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength)
  const items: Items = { inputs: new Map(), sizes: [], properties: new Map() }
  for (const { type, body } of boxes(bytes)) if (type === 'meta') readMeta(body, items)
  const known = new Map<number, number>()
  let most = 0
  for (const id of items.inputs.keys()) most = Math.max(most, countItemPixels(id, 0, items, known))
  return most
}

interface Items {
  /** The items from which an item is derived, once for each use. */
  inputs: Map<number, number[]>
  /** Pixels by property number; 0 for a property other than a size. */
  sizes: number[]
  /** The property numbers of each item. */
  properties: Map<number, number[]>
}

/** Encoders put tiles into a grid and, at most, grids into an overlay. */
const maxDepth = 4

function countItemPixels(id: number, depth: number, items: Items, known: Map<number, number>): number {
  const cached = known.get(id)
  if (cached !== undefined) return cached
  // Also ends the recursion of an item that is derived from itself.
  if (depth > maxDepth) return Number.POSITIVE_INFINITY
  let pixels = 0
  const inputs = items.inputs.get(id)
  if (inputs) for (const input of inputs) pixels += countItemPixels(input, depth + 1, items, known)
  else for (const property of items.properties.get(id) ?? []) pixels = Math.max(pixels, items.sizes[property] ?? 0)
  known.set(id, pixels)
  return pixels
}

function readMeta(body: Buffer, items: Items): void {
  // Skips version and flags, with which a full box begins.
  for (const { type, body: content } of boxes(body.subarray(4))) {
    if (type === 'iref') readReferences(content, items)
    if (type !== 'iprp') continue
    for (const { type, body: properties } of boxes(content)) {
      if (type === 'ipco') readSizes(properties, items)
      if (type === 'ipma') readAssociations(properties, items.properties)
    }
  }
}

function readSizes(body: Buffer, { sizes }: Items): void {
  let property = 0
  for (const { type, body: size } of boxes(body)) {
    property += 1
    const pixels = type === 'ispe' && size.length >= 12 ? size.readUInt32BE(4) * size.readUInt32BE(8) : 0
    sizes[property] = Math.max(sizes[property] ?? 0, pixels)
  }
}

function readReferences(body: Buffer, { inputs }: Items): void {
  const idBytes = createReader(body).read(4) >= 1 << 24 ? 4 : 2
  for (const { type, body: content } of boxes(body.subarray(4))) {
    if (type !== 'dimg') continue
    const { read, isAtEnd } = createReader(content)
    const list = listOf(inputs, read(idBytes))
    for (let left = read(2); left > 0 && !isAtEnd(); left -= 1) list.push(read(idBytes))
  }
}
