import { StoreError } from './errors'

/** First and last byte, both included. */
export type ByteRange = { start: number; end: number }

/**
 * The single range a Range header asks for; null where the whole object is the answer: no header, one that is
 * malformed, or several ranges, which S3 does not serve. Throws InvalidRange (416). RFC 9110, section 14.1.2.
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
