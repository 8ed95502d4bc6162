import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy in front of a server. Counts the bytes of all connections, both directions together. */
export interface TcpCounter {
  port: number
  url: string
  /** Bytes since the start or the last `reset`. */
  readonly bytes: number
  reset(): void
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1 and forwards everything to `port`, unchanged. */
export async function startTcpCounter(port: number): Promise<TcpCounter> {
  let bytes = 0
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1' })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (chunk) => {
        bytes += chunk.length
      })
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.end()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: ownPort } = server.address() as AddressInfo
  return {
    port: ownPort,
    url: `http://127.0.0.1:${ownPort}`,
    get bytes() {
      return bytes
    },
    reset() {
      bytes = 0
    },
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}
