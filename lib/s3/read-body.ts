import 'server-only'
import type { Readable } from 'node:stream'

/**
 * The bytes of an answer's body, read into one buffer of the size that the answer promised. The SDK's own collector
 * keeps all chunks until the last has come, and then copies them: twice the picture's memory, and a tenth more CPU.
 * @param bytes as the answer's Content-Length says
 * @throws Error when the body ends early, or is longer than promised; as the stream does, when its connection breaks
 */
export async function readBody(body: Readable, bytes: number): Promise<Buffer> {
  // Not from Node's pool, and not zeroed first: every byte is written, or the buffer is thrown away.
  const whole = Buffer.allocUnsafeSlow(bytes)
  let read = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (read + chunk.length > bytes) throw new Error(`the store sent more than the ${bytes} bytes it promised`)
    chunk.copy(whole, read)
    read += chunk.length
  }
  if (read < bytes) throw new Error(`the store sent ${read} of the ${bytes} bytes it promised`)
  return whole
}
