import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { isAddressMissing, loopbackAddresses } from '@/tools/testing/ports'

/**
 * A way to the store that a test can shut. Bytes pass as they are, so that signatures, which hold the address asked,
 * stay good. What stands behind it keeps running: to whoever comes this way it is gone.
 */
export interface StoreGate {
  /** As the site gets through it. */
  open(): Promise<void>
  /** As if the store's process had ended: connections break, and new ones are refused. */
  shut(): Promise<void>
  /** As if it hung (SIGSTOP): connections are taken, and nothing ever comes back. */
  stall(): Promise<void>
  /** Resets connections that have brought so many bytes, in the middle of what they bring: the next so many of them. */
  breakAfter(bytes: number, times: number): void
  /** Resolves when the next byte goes to the store, or would, were it not stalled. */
  nextRequest(): Promise<void>
}

/** Opens a gate at `port` of both loopback addresses, before a store at `storePort`. */
export async function openStoreGate(port: number, storePort: number): Promise<StoreGate> {
  const sockets = new Set<Socket>()
  let servers: Server[] = []
  let isStalled = false
  let heard: (() => void)[] = []
  let breaks = { after: 0, times: 0 }

  function keep(socket: Socket): Socket {
    sockets.add(socket)
    // One side breaking off is what a gate is for.
    socket.on('error', () => undefined)
    return socket.on('close', () => sockets.delete(socket))
  }

  function lead(browserOrHost: Socket): void {
    keep(browserOrHost)
    let brought = 0
    browserOrHost.on('data', (bytes) => {
      brought += bytes.length
      if (breaks.times > 0 && brought >= breaks.after) {
        breaks.times -= 1
        browserOrHost.resetAndDestroy()
      }
      for (const tell of heard) tell()
      heard = []
    })
    if (isStalled) return
    const store = keep(connect({ host: '127.0.0.1', port: storePort }))
    browserOrHost.pipe(store).pipe(browserOrHost)
    browserOrHost.on('close', () => store.destroy())
    store.on('close', () => browserOrHost.destroy())
  }

  async function shut(): Promise<void> {
    const closing = servers.map((server) => once(server.close(), 'close'))
    servers = []
    for (const socket of sockets) socket.destroy()
    await Promise.all(closing)
  }

  async function listen(): Promise<void> {
    for (const host of loopbackAddresses) {
      const server = createServer(lead).listen({ port, host })
      try {
        await once(server, 'listening')
        servers.push(server)
      } catch (error) {
        if (!isAddressMissing(error)) throw error
      }
    }
  }

  async function reopen(stalled: boolean): Promise<void> {
    await shut()
    isStalled = stalled
    await listen()
  }

  await listen()
  return {
    shut,
    open: () => reopen(false),
    stall: () => reopen(true),
    breakAfter: (after, times) => {
      breaks = { after, times }
    },
    nextRequest: () => new Promise((resolve) => heard.push(resolve)),
  }
}
