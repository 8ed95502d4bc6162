/** Builds AVIF and HEIC files box by box (ISO/IEC 23008-12). */

const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
const u32 = (value: number) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255])

function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

const fullBox = (type: string, version: number, ...parts: Buffer[]) => box(type, u32(version << 24), ...parts)

/** Returns the first box of a type. */
function findBox(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type, 0, 'latin1') - 4
  return file.subarray(at, at + file.readUInt32BE(at))
}

/** Returns a copy of an AVIF that claims the given size. */
export function avifClaimingSize(file: Uint8Array, width: number, height: number): Buffer {
  const copy = Buffer.from(file)
  const at = copy.indexOf('ispe')
  copy.writeUInt32BE(width, at + 8)
  copy.writeUInt32BE(height, at + 12)
  return copy
}

/** Returns a file type box of a brand, such as `heic`, followed by zeros. */
export const brandOnly = (brand: string) =>
  Buffer.concat([box('ftyp', Buffer.from(`${brand}\0\0\0\0${brand}mif1`, 'latin1')), Buffer.alloc(200)])

/**
 * Creates an AVIF grid that repeats a single tile. A kilobyte of it can cause hours of decoding.
 * @param tile an AVIF of one picture, whose pixels become the tile
 */
export function avifGrid(options: {
  tile: Buffer
  tileSize: { width: number; height: number }
  columns: number
  rows: number
  /** Claimed size of the grid. */
  size: { width: number; height: number }
  /** Whether references have 32-bit ids. */
  isLong?: boolean
}): Buffer {
  const { tile, tileSize, columns, rows, size, isLong = false } = options
  const [grid, part] = [1, 2]
  const pixels = findBox(tile, 'mdat').subarray(8)
  const ids = isLong ? u32 : u16
  const layout = Buffer.concat([Buffer.from([0, 1, rows - 1, columns - 1]), u32(size.width), u32(size.height)])
  const item = (id: number, type: string, isHidden = false) =>
    box('infe', u32((2 << 24) | Number(isHidden)), u16(id), u16(0), Buffer.from(`${type}\0`))
  const place = (id: number, at: number, length: number) => [u16(id), u16(0), u16(1), u32(at), u32(length)]
  const sizeBox = ({ width, height }: { width: number; height: number }) => fullBox('ispe', 0, u32(width), u32(height))
  const meta = (at: number) =>
    fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, u16(grid)),
      fullBox(
        'iloc',
        0,
        Buffer.from([0x44, 0]),
        u16(2),
        ...place(grid, at, layout.length),
        ...place(part, at + layout.length, pixels.length),
      ),
      fullBox('iinf', 0, u16(2), item(grid, 'grid'), item(part, 'av01', true)),
      fullBox(
        'iref',
        Number(isLong),
        box('dimg', ids(grid), u16(columns * rows), ...Array(columns * rows).fill(ids(part))),
      ),
      box(
        'iprp',
        box('ipco', sizeBox(size), sizeBox(tileSize), findBox(tile, 'av1C'), findBox(tile, 'pixi')),
        fullBox('ipma', 0, u32(2), u16(grid), Buffer.from([2, 1, 4]), u16(part), Buffer.from([3, 2, 0x83, 4])),
      ),
    )
  const type = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'))
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box('mdat', layout, pixels)])
}

/** Creates a clean aperture in the middle of a picture. */
export const apertureBox = ({ width, height }: { width: number; height: number }) =>
  box('clap', ...[width, 1, height, 1, 0, 1, 0, 1].map(u32))

/** Creates a box that states colours by code points of ITU-T H.273: full range, and the matrix that sharp writes. */
export const codedColourBox = (primaries: number, transfer: number) =>
  box('colr', Buffer.from('nclx'), u16(primaries), u16(transfer), u16(6), Buffer.from([0x80]))

/**
 * Creates an AVIF with one more property.
 * @param file an AVIF of one picture, without alpha
 */
export function avifWithProperty(file: Buffer, size: { width: number; height: number }, property: Buffer): Buffer {
  return stillWithProperties(file, size, [property], { brand: 'avif', item: 'av01', configuration: 'av1C' })
}

/** As `avifWithProperty`, for a HEIC and several properties, which apply in their order. */
export function heicWithProperties(
  file: Buffer,
  size: { width: number; height: number },
  properties: readonly Buffer[],
): Buffer {
  return stillWithProperties(file, size, properties, { brand: 'heic', item: 'hvc1', configuration: 'hvcC' })
}

/** Creates a turn by this many quarters, counter-clockwise. */
export const rotationBox = (quarters: number) => box('irot', Buffer.from([quarters]))

/** Creates a flip about the vertical (0) or horizontal (1) axis. */
export const mirrorBox = (axis: 0 | 1) => box('imir', Buffer.from([axis]))

function stillWithProperties(
  file: Buffer,
  size: { width: number; height: number },
  more: readonly Buffer[],
  { brand, item, configuration }: { brand: string; item: string; configuration: string },
): Buffer {
  const pixels = findBox(file, 'mdat').subarray(8)
  const properties = [
    fullBox('ispe', 0, u32(size.width), u32(size.height)),
    findBox(file, 'pixi'),
    findBox(file, configuration),
    ...more,
  ]
  const essential = 0x80
  const associations = properties.map((_, index) => (index < 2 ? index + 1 : essential | (index + 1)))
  const meta = (at: number) =>
    fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, u16(1)),
      fullBox('iloc', 0, Buffer.from([0x44, 0]), u16(1), u16(1), u16(0), u16(1), u32(at), u32(pixels.length)),
      fullBox('iinf', 0, u16(1), box('infe', u32(2 << 24), u16(1), u16(0), Buffer.from(`${item}\0`))),
      box(
        'iprp',
        box('ipco', ...properties),
        fullBox('ipma', 0, u32(1), u16(1), Buffer.from([associations.length, ...associations])),
      ),
    )
  const type = box('ftyp', Buffer.from(`${brand}\0\0\0\0${brand}mif1miaf`, 'latin1'))
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box('mdat', pixels)])
}
