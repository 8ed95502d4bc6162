import { BitReader, buildHuffmanTable, type HuffmanTable, ScanEnded } from './jpeg-bits'
import { jpegSegments, startOfScan } from './jpeg-segments'

interface Component {
  id: number
  /** Sampling factors. */
  h: number
  v: number
  /** Blocks in memory, padded to whole MCUs. */
  stride: number
  /** One bit per coefficient that is not zero, of each block. Progressive files only. */
  nonzero: Uint8Array
  /** Low bits that are still missing, of each coefficient. */
  missingBits: Uint8Array
}

interface Frame {
  width: number
  height: number
  isProgressive: boolean
  components: Component[]
  hMax: number
  vMax: number
}

interface Scan {
  /** The first and last coefficient, and the bit position (ITU T.81, G.1.1.1.1). */
  first: number
  last: number
  isRefinement: boolean
  components: { component: Component; dc: HuffmanTable | undefined; ac: HuffmanTable | undefined }[]
}

/**
 * Returns whether a JPEG has the data of all its pixels, whatever follows. Reads the codes of every block and computes no
 * pixel. Returns false for damaged files, and for kinds that image decoders do not read.
 */
export function hasAllJpegBlocks(bytes: Uint8Array): boolean {
  const tables = new Map<number, HuffmanTable>()
  let frame: Frame | null = null
  let restartInterval = 0
  try {
    for (const { marker, at, end } of jpegSegments(bytes)) {
      const segment = bytes.subarray(at + 4, end)
      if (marker === 0xc4) readHuffmanTables(segment, tables)
      else if (marker === 0xdd) restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0)
      else if (marker >= 0xc0 && marker <= 0xc2) frame = readFrame(segment, marker === 0xc2)
      else if (marker === startOfScan) {
        if (!frame) return false
        readScan(frame, readScanHeader(segment, frame, tables), new BitReader(bytes, end), restartInterval)
      }
    }
  } catch (error) {
    if (error instanceof ScanEnded || error instanceof RangeError) return false
    throw error
  }
  return frame?.components.every(({ missingBits }) => missingBits.every((bits) => bits === 0)) ?? false
}

function readHuffmanTables(segment: Uint8Array, tables: Map<number, HuffmanTable>): void {
  for (let at = 0; at + 17 <= segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    tables.set(segment[at] as number, buildHuffmanTable(counts, segment.subarray(at + 17, at + 17 + total)))
    at += 17 + total
  }
}

function readFrame(segment: Uint8Array, isProgressive: boolean): Frame {
  const [, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, count = 0] = segment
  const [width, height] = [(widthHigh << 8) | widthLow, (heightHigh << 8) | heightLow]
  const specs = Array.from({ length: count }, (_, index) => {
    const [id = 0, sampling = 0] = segment.subarray(6 + 3 * index)
    return { id, h: sampling >> 4, v: sampling & 15 }
  })
  const hMax = Math.max(...specs.map(({ h }) => h))
  const vMax = Math.max(...specs.map(({ v }) => v))
  const [mcusWide, mcusHigh] = [Math.ceil(width / (8 * hMax)), Math.ceil(height / (8 * vMax))]
  const components = specs.map((spec) => ({
    ...spec,
    stride: mcusWide * spec.h,
    nonzero: new Uint8Array(isProgressive ? mcusWide * spec.h * mcusHigh * spec.v * 8 : 0),
    missingBits: new Uint8Array(64).fill(255),
  }))
  return { width, height, isProgressive, components, hMax, vMax }
}

function readScanHeader(segment: Uint8Array, frame: Frame, tables: Map<number, HuffmanTable>): Scan {
  const count = segment[0] ?? 0
  const components = Array.from({ length: count }, (_, index) => {
    const [id, selectors = 0] = segment.subarray(1 + 2 * index)
    const component = frame.components.find((candidate) => candidate.id === id)
    if (!component) throw new ScanEnded()
    return { component, dc: tables.get(selectors >> 4), ac: tables.get(0x10 | (selectors & 15)) }
  })
  const [first = 0, last = 0, position = 0] = segment.subarray(1 + 2 * count)
  if (!frame.isProgressive)
    return { first: 0, last: 63, isRefinement: false, components: withBits(components, 0, 63, 0) }
  if (last > 63) throw new ScanEnded()
  return { first, last, isRefinement: position >> 4 > 0, components: withBits(components, first, last, position & 15) }
}

/** Notes which coefficients the scan completes, once it is read to its end. */
function withBits(components: Scan['components'], first: number, last: number, bits: number): Scan['components'] {
  for (const { component } of components) component.missingBits.fill(bits, first, last + 1)
  return components
}

/** Reads every block of a scan. @throws ScanEnded */
function readScan(frame: Frame, scan: Scan, reader: BitReader, restartInterval: number): void {
  const readBlock = frame.isProgressive ? progressiveBlockReader(scan, reader) : sequentialBlockReader(reader)
  const [only] = scan.components
  const isInterleaved = scan.components.length > 1
  // A scan of one component has its blocks only, without the padding to whole MCUs (ITU T.81, A.2.2).
  const unit = (max: number, own = 1) => 8 * (isInterleaved ? max : max / own)
  const mcusWide = Math.ceil(frame.width / unit(frame.hMax, only?.component.h))
  const mcusHigh = Math.ceil(frame.height / unit(frame.vMax, only?.component.v))
  for (let mcu = 0; mcu < mcusWide * mcusHigh; mcu += 1) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      reader.restart()
      readBlock.restart()
    }
    const [column, row] = [mcu % mcusWide, Math.floor(mcu / mcusWide)]
    for (const part of scan.components) {
      const { h, v, stride } = part.component
      const [wide, high] = isInterleaved ? [h, v] : [1, 1]
      for (let y = 0; y < high; y += 1) {
        for (let x = 0; x < wide; x += 1) readBlock.read(part, (row * high + y) * stride + column * wide + x)
      }
    }
  }
}

interface BlockReader {
  read(part: Scan['components'][number], block: number): void
  restart(): void
}

/** Reads one block of a sequential file (ITU T.81, F.2.2). */
function sequentialBlockReader(reader: BitReader): BlockReader {
  return {
    read({ dc, ac }) {
      if (!dc || !ac) throw new ScanEnded()
      reader.bits(reader.symbol(dc))
      for (let k = 1; k < 64; k += 1) {
        const symbol = reader.symbol(ac)
        if (symbol === 0) return
        k += symbol >> 4
        reader.bits(symbol & 15)
      }
    },
    restart() {},
  }
}

/** Reads one block of one scan of a progressive file (ITU T.81, G.2). */
function progressiveBlockReader({ first, last, isRefinement }: Scan, reader: BitReader): BlockReader {
  /** Blocks that have no further coefficients, this one included. */
  let emptyBlocks = 0

  function readDc(dc: HuffmanTable | undefined): void {
    if (isRefinement) reader.bits(1)
    else if (dc) reader.bits(reader.symbol(dc))
    else throw new ScanEnded()
  }

  function readRun(run: number): void {
    emptyBlocks = (1 << run) + reader.bits(run)
  }

  function readFirst(nonzero: Uint8Array, block: number, ac: HuffmanTable): void {
    for (let k = first; k <= last && emptyBlocks === 0; k += 1) {
      const symbol = reader.symbol(ac)
      const [run, size] = [symbol >> 4, symbol & 15]
      if (size === 0 && run < 15) readRun(run)
      else {
        k += run
        reader.bits(size)
        if (size > 0) setBit(nonzero, block * 64 + k)
      }
    }
  }

  function readRefinement(nonzero: Uint8Array, block: number, ac: HuffmanTable): void {
    let k = first
    for (; k <= last && emptyBlocks === 0; k += 1) {
      const symbol = reader.symbol(ac)
      let zeros = symbol >> 4
      const isNew = (symbol & 15) > 0
      if (isNew) reader.bits(1)
      else if (zeros < 15) {
        readRun(zeros)
        break
      }
      // Passes the zeros, and reads a bit of every coefficient that is not zero.
      for (; k <= last; k += 1) {
        if (hasBit(nonzero, block * 64 + k)) reader.bits(1)
        else if (zeros === 0) break
        else zeros -= 1
      }
      if (isNew && k <= last) setBit(nonzero, block * 64 + k)
    }
    if (emptyBlocks === 0) return
    for (; k <= last; k += 1) if (hasBit(nonzero, block * 64 + k)) reader.bits(1)
  }

  return {
    read({ component: { nonzero }, dc, ac }, block) {
      if (first === 0) return readDc(dc)
      if (!ac) throw new ScanEnded()
      if (isRefinement) readRefinement(nonzero, block, ac)
      else readFirst(nonzero, block, ac)
      if (emptyBlocks > 0) emptyBlocks -= 1
    },
    restart() {
      emptyBlocks = 0
    },
  }
}

const setBit = (bits: Uint8Array, index: number) => {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
}

const hasBit = (bits: Uint8Array, index: number) => ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
