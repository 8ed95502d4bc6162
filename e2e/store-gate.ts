import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { isAddressMissing, loopbackAddresses } from '@/tools/testing/ports'

/**
 * A TCP gate in front of the store that a test can shut. It passes bytes unchanged, so signatures stay valid. The store
 * keeps running; only clients behind the gate lose it.
 */
export interface StoreGate {
  /** Passes all connections (the default). */
  open(): Promise<void>
  /** As if the store's process had died: breaks connections and refuses new ones. */
  shut(): Promise<void>
  /** As if the store hung (SIGSTOP): accepts connections and never responds. */
  stall(): Promise<void>
  /** Resets the next `times` connections once they have sent `bytes`. */
  breakAfter(bytes: number, times: number): void
  /** Resolves when a client sends the next byte, also while stalled. */
  nextRequest(): Promise<void>
}

/** Opens a gate on `port` of both loopback addresses, in front of the store on `storePort`. */
export async function openStoreGate(port: number, storePort: number): Promise<StoreGate> {
  const sockets = new Set<Socket>()
  let servers: Server[] = []
  let isStalled = false
  let listeners: (() => void)[] = []
  let breaks = { after: 0, times: 0 }

  function track(socket: Socket): Socket {
    sockets.add(socket)
    // Broken connections are expected.
    socket.on('error', () => undefined)
    return socket.on('close', () => sockets.delete(socket))
  }

  function forward(client: Socket): void {
    track(client)
    let received = 0
    client.on('data', (bytes) => {
      received += bytes.length
      if (breaks.times > 0 && received >= breaks.after) {
        breaks.times -= 1
        client.resetAndDestroy()
      }
      for (const notify of listeners) notify()
      listeners = []
    })
    if (isStalled) return
    const store = track(connect({ host: '127.0.0.1', port: storePort }))
    client.pipe(store).pipe(client)
    client.on('close', () => store.destroy())
    store.on('close', () => client.destroy())
  }

  async function shut(): Promise<void> {
    const closing = servers.map((server) => once(server.close(), 'close'))
    servers = []
    for (const socket of sockets) socket.destroy()
    await Promise.all(closing)
  }

  async function listen(): Promise<void> {
    for (const host of loopbackAddresses) {
      const server = createServer(forward).listen({ port, host })
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
    nextRequest: () => new Promise((resolve) => listeners.push(resolve)),
  }
}
