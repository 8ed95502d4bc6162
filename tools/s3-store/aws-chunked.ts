import { StoreError } from './errors'

const maxLineBytes = 4096

/**
 * Decodes `aws-chunked` without chunk signatures: the framing of `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
 * Yields the data, and calls `onTrailer` for each trailing header, before the generator ends.
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

/** Takes lines and counted bytes off a stream, holding one chunk at a time. */
class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>
  private held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]()
  }

  /** The next line without its CRLF. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.held.indexOf('\r\n')
      if (end !== -1) {
        const line = this.held.subarray(0, end).toString('latin1')
        this.held = this.held.subarray(end + 2)
        return line
      }
      if (this.held.length > maxLineBytes) throw new StoreError('InvalidRequest', 'A line of the body is too long.')
      this.held = Buffer.concat([this.held, await this.next()])
    }
  }

  /** The next `count` bytes, in pieces. */
  async *bytes(count: number): AsyncGenerator<Buffer> {
    let missing = count
    while (missing > 0) {
      if (this.held.length === 0) this.held = await this.next()
      const piece = this.held.subarray(0, missing)
      this.held = this.held.subarray(piece.length)
      missing -= piece.length
      yield piece
    }
  }

  async requireEnd(): Promise<void> {
    const { done } = await this.chunks.next()
    if (this.held.length > 0 || !done) throw new StoreError('InvalidRequest', 'Data follows the last chunk.')
  }

  private async next(): Promise<Buffer> {
    const { value, done } = await this.chunks.next()
    if (done) throw new StoreError('IncompleteBody')
    return value
  }
}
