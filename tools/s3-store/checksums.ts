import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { StoreError } from './errors'

/** A checksum in progress. `digest` returns its bytes. */
type Running = { update(bytes: Uint8Array): void; digest(): Buffer }

/**
 * The supported checksums by header.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
const algorithms: Record<string, { bytes: number; start: () => Running }> = {
  'content-md5': { bytes: 16, start: () => startHash('md5') },
  'x-amz-checksum-sha1': { bytes: 20, start: () => startHash('sha1') },
  'x-amz-checksum-sha256': { bytes: 32, start: () => startHash('sha256') },
  'x-amz-checksum-crc32': { bytes: 4, start: () => startCrc(0xedb88320) },
  'x-amz-checksum-crc32c': { bytes: 4, start: () => startCrc(0x82f63b78) },
  'x-amz-checksum-crc64nvme': { bytes: 8, start: startCrc64Nvme },
}

/** The checksums that a request declares: base64 by lower-case header name. */
export type DeclaredChecksums = Record<string, string>

/**
 * Reads the checksums from headers, form fields or trailers.
 * @throws StoreError for an unknown or malformed checksum
 */
export function readDeclaredChecksums(headers: IncomingHttpHeaders): DeclaredChecksums {
  const declared: DeclaredChecksums = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || describesChecksum(name)) continue
    if (name !== 'content-md5' && !name.startsWith('x-amz-checksum-')) continue
    requireKnownChecksum(name)
    if (Buffer.from(value, 'base64').length !== algorithms[name]?.bytes) throw new StoreError('InvalidDigest')
    declared[name] = value
  }
  return declared
}

/** Returns whether a header is about checksums without containing one. */
function describesChecksum(name: string): boolean {
  return ['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type'].includes(name)
}

/** @throws StoreError if this store cannot compute the checksum of this header */
export function requireKnownChecksum(name: string): void {
  if (!Object.hasOwn(algorithms, name)) throw new StoreError('NotImplemented', undefined, { Header: name })
}

/** Computes checksums over a body, chunk by chunk. */
export class ChecksumSet {
  private readonly running: [string, Running][]

  constructor(names: Iterable<string>) {
    this.running = [...new Set(names)].map((name) => {
      const algorithm = algorithms[name]
      if (!algorithm) throw new StoreError('NotImplemented', undefined, { Header: name })
      return [name, algorithm.start()]
    })
  }

  update(bytes: Uint8Array): void {
    for (const [, checksum] of this.running) checksum.update(bytes)
  }

  /** @throws StoreError BadDigest if a declared checksum differs from the checksum of the body */
  requireMatch(declared: DeclaredChecksums): void {
    for (const [name, checksum] of this.running) {
      const expected = declared[name]
      if (expected === undefined) throw new StoreError('MalformedTrailerError')
      if (!checksum.digest().equals(Buffer.from(expected, 'base64'))) {
        throw new StoreError('BadDigest', `The ${name} you specified did not match the calculated checksum.`)
      }
    }
  }
}

function startHash(name: 'md5' | 'sha1' | 'sha256'): Running {
  const hash = createHash(name)
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest() }
}

/** Starts a reflected 32-bit CRC, computed per byte with a table (RFC 1952, section 8, for 0xEDB88320). */
function startCrc(polynomial: number): Running {
  const table = crcTable(polynomial)
  let crc = 0xffffffff
  return {
    update: (bytes) => {
      for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
    },
    digest: () => {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
      return digest
    },
  }
}

function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
}

/** The polynomial of CRC-64/NVME (NVM Express, NVM Command Set, 5.2.1.3.4), reflected. */
const nvmePolynomial = 0x9a6c9329ac4bc9b5n

/** Starts a reflected 64-bit CRC in two 32-bit halves. BigInt for every byte is ten times slower. */
function startCrc64Nvme(): Running {
  const table = Array.from({ length: 256 }, (_, index) => {
    let value = BigInt(index)
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ nvmePolynomial : value >> 1n
    return value
  })
  const highs = Uint32Array.from(table, (value) => Number(value >> 32n))
  const lows = Uint32Array.from(table, (value) => Number(value & 0xffffffffn))
  let high = 0xffffffff
  let low = 0xffffffff
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const index = (low ^ byte) & 0xff
        low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0)
        high = (high >>> 8) ^ (highs[index] ?? 0)
      }
    },
    digest: () => {
      const digest = Buffer.alloc(8)
      digest.writeUInt32BE((high ^ 0xffffffff) >>> 0)
      digest.writeUInt32BE((low ^ 0xffffffff) >>> 0, 4)
      return digest
    },
  }
}
