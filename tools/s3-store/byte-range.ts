import { StoreError } from './errors'

/** The first and the last byte, both inclusive. */
export type ByteRange = { start: number; end: number }

/**
 * Parses a Range header (RFC 9110, section 14.1.2). Returns null for the whole object: no header, a malformed one, or
 * several ranges, which S3 does not support.
 * @throws StoreError InvalidRange (416) if the range is beyond the object
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '')
  const [, first = '', last = ''] = match ?? []
  if (!match || (first === '' && last === '')) return null
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null
  const range =
    first === ''
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  if (range.start >= size || range.end < range.start) {
    throw new StoreError('InvalidRange', undefined, { RangeRequested: header ?? '', ActualObjectSize: size })
  }
  return range
}
