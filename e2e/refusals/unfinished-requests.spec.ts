import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@/e2e/small-stack'
import { expect } from '@/e2e/test'
import { memoryOf } from '@/tools/testing/process-stat'

/** Sends the head and this many bytes of a chunked body, but never its end. */
async function sendUnfinished(port: number, path: string, bytes: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  // The host may close the connection once it has read enough.
  socket.on('error', () => undefined)
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`)
  const chunk = 'x'.repeat(64 * 1024)
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
    if (socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)) continue
    // A host that stops reading is fine: then nothing more of the body reaches its memory.
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), sleep(5_000)])
  }
  return socket
}

test.describe('S38: a host with 40 unfinished requests of 9 MB', () => {
  for (const path of ['/api/uploads', '/upload']) {
    test(`keeps little of their bodies, sent to ${path}`, async ({ stack }) => {
      test.skip(process.platform !== 'linux', 'reads /proc')
      const [{ port, pid }] = stack.processes as [{ port: number; pid: number }]
      await fetch(`http://127.0.0.1:${port}/livez`)
      const before = memoryOf(pid).residentMb

      const sockets = await Promise.all(Array.from({ length: 40 }, () => sendUnfinished(port, path, 9_000_000)))
      const grown = memoryOf(pid).residentMb - before
      for (const socket of sockets) socket.destroy()

      // Next's default of 10 MB per body is about 360 MB; 32 kB per body is about 40 MB, most of it for the sockets.
      expect(grown).toBeLessThan(150)
      expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
    })
  }
})
