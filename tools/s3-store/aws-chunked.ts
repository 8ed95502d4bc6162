import { StoreError } from './errors'

const maxLineBytes = 4096

/**
 * Decodes `aws-chunked` without chunk signatures (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`). Yields the data, and calls
 * `onTrailer` for each trailing header before the generator ends.
 * @throws StoreError for malformed or incomplete chunks
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source)
  for (;;) {
    const size = parseChunkSize(await reader.line())
    if (size === 0) break
    yield* reader.bytes(size)
    if ((await reader.line()) !== '') throw new StoreError('IncompleteBody')
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new StoreError('MalformedTrailerError')
    onTrailer(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  await reader.requireEnd()
}

function parseChunkSize(line: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(line)) throw new StoreError('InvalidRequest', 'A chunk of the body is malformed.')
  return Number.parseInt(line, 16)
}

/** Reads lines and byte counts from a stream, and buffers one chunk at a time. */
class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>
  private buffered: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]()
  }

  /** Reads the next line, without its CRLF. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.buffered.indexOf('\r\n')
      if (end !== -1) {
        const line = this.buffered.subarray(0, end).toString('latin1')
        this.buffered = this.buffered.subarray(end + 2)
        return line
      }
      if (this.buffered.length > maxLineBytes) throw new StoreError('InvalidRequest', 'A line of the body is too long.')
      this.buffered = Buffer.concat([this.buffered, await this.next()])
    }
  }

  /** Yields the next `count` bytes in pieces. */
  async *bytes(count: number): AsyncGenerator<Buffer> {
    let missing = count
    while (missing > 0) {
      if (this.buffered.length === 0) this.buffered = await this.next()
      const piece = this.buffered.subarray(0, missing)
      this.buffered = this.buffered.subarray(piece.length)
      missing -= piece.length
      yield piece
    }
  }

  async requireEnd(): Promise<void> {
    const { done } = await this.chunks.next()
    if (this.buffered.length > 0 || !done) throw new StoreError('InvalidRequest', 'Data follows the last chunk.')
  }

  private async next(): Promise<Buffer> {
    const { value, done } = await this.chunks.next()
    if (done) throw new StoreError('IncompleteBody')
    return value
  }
}
