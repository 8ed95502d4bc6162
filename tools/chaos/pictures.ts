import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { Area, Flip } from '@/lib/images/schema'

/**
 * Pictures that identify themselves: a board of blocks, whose colours follow from the upload's code and their place. A
 * crop shows some of the blocks, so a variant identifies the upload and the crop. Two different crops look the same with
 * a probability of 2^-36.
 */

/** The columns and rows of the upload and of a crop, in blocks. */
const boards = {
  avatars: { columns: 6, rows: 6, cropColumns: 4, cropRows: 4 },
  covers: { columns: 8, rows: 4, cropColumns: 6, cropRows: 2 },
} as const
/** Width and height of a block in pixels. Large enough to survive JPEG and WebP in the smallest variant, small enough to draw quickly. */
const block = 16

export type CollectionName = keyof typeof boards
export const collectionNames = Object.keys(boards) as CollectionName[]

/** The first block of a crop, and whether the picture is flipped before. */
export interface CropFrame {
  column: number
  row: number
  isFlipped: boolean
}

/** Returns the number of positions for a crop of this collection, across and down. */
export function placesOf(collection: CollectionName): { columns: number; rows: number } {
  const { columns, rows, cropColumns, cropRows } = boards[collection]
  return { columns: columns - cropColumns + 1, rows: rows - cropRows + 1 }
}

/** Returns the frame as the API expects it. */
export function recipeOf(
  collection: CollectionName,
  { column, row, isFlipped }: CropFrame,
): { area: Area; flip: Flip } {
  const { cropColumns, cropRows } = boards[collection]
  return {
    area: { x: column * block, y: row * block, width: cropColumns * block, height: cropRows * block },
    flip: { horizontal: isFlipped, vertical: false },
  }
}

export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

/** Draws the picture of a code. */
export async function drawPicture(collection: CollectionName, code: number, type: PictureType): Promise<Buffer> {
  const { columns, rows } = boards[collection]
  const width = columns * block
  const pixels = Buffer.alloc(width * rows * block * 3)
  const colours = coloursOf(collection, code)
  for (let y = 0; y < rows * block; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bits = colours[Math.floor(y / block) * columns + Math.floor(x / block)] as number
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[(y * width + x) * 3 + channel] = (bits >> channel) & 1 ? bright : dark
      }
    }
  }
  const image = sharp(pixels, { raw: { width, height: rows * block, channels: 3 } })
  if (type === 'image/png') return image.png().toBuffer()
  return type === 'image/jpeg' ? image.jpeg({ quality: 92 }).toBuffer() : image.webp({ quality: 92 }).toBuffer()
}

const dark = 40
const bright = 215

/** Returns three bits, one for each channel, for each block of the board, row by row. */
function coloursOf(collection: CollectionName, code: number): number[] {
  const { columns, rows } = boards[collection]
  const digest = createHash('sha256').update(`${collection} ${code}`).digest()
  return Array.from({ length: columns * rows }, (_, at) => ((digest[at % 32] as number) >> (at < 32 ? 0 : 3)) & 7)
}

/** Compares a variant with the expected picture. @returns null if size and frame are right */
export function faultOfVariant(
  bytes: Uint8Array,
  expected: { collection: CollectionName; code: number; frame: CropFrame; width: number; height: number },
): Promise<PictureFault> {
  const { cropColumns, cropRows } = boards[expected.collection]
  return faultOf(bytes, { ...expected, shownColumns: cropColumns, shownRows: cropRows })
}

/** Compares an original with the expected picture. @returns null if it shows the whole board */
export function faultOfOriginal(
  bytes: Uint8Array,
  { collection, code }: { collection: CollectionName; code: number },
): Promise<PictureFault> {
  const { columns, rows } = boards[collection]
  const size = { width: columns * block, height: rows * block }
  const frame = { column: 0, row: 0, isFlipped: false }
  return faultOf(bytes, { collection, code, frame, ...size, shownColumns: columns, shownRows: rows })
}

export type PictureFault = 'unreadable' | 'another size' | 'another picture' | null

async function faultOf(
  bytes: Uint8Array,
  expected: {
    collection: CollectionName
    code: number
    frame: CropFrame
    width: number
    height: number
    shownColumns: number
    shownRows: number
  },
): Promise<PictureFault> {
  const { collection, code, frame, width, height, shownColumns, shownRows } = expected
  let raw: { data: Buffer; info: { width: number; height: number; channels: number } }
  try {
    raw = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  } catch {
    return 'unreadable'
  }
  const { data, info } = raw
  if (info.width !== width || info.height !== height) return 'another size'
  const { columns } = boards[collection]
  const colours = coloursOf(collection, code)
  for (let row = 0; row < shownRows; row += 1) {
    for (let column = 0; column < shownColumns; column += 1) {
      const x = Math.floor(((column + 0.5) * width) / shownColumns)
      const y = Math.floor(((row + 0.5) * height) / shownRows)
      const shownColumn = frame.column + column
      const boardColumn = frame.isFlipped ? columns - 1 - shownColumn : shownColumn
      const bits = colours[(frame.row + row) * columns + boardColumn] as number
      for (let channel = 0; channel < 3; channel += 1) {
        const isBright = (data[(y * width + x) * info.channels + channel] as number) > (dark + bright) / 2
        if (isBright !== (((bits >> channel) & 1) === 1)) return 'another picture'
      }
    }
  }
  return null
}
