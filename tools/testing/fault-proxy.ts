import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type FaultCounts, FaultSchedule, type Plan } from './faults'
import { isAddressMissing, loopbackAddresses } from './ports'

/** A proxy that injects faults between clients and the store. The store itself stays unchanged. */
export interface FaultProxy {
  faults: {
    /** Replaces all faults. Running requests keep theirs. */
    set(faults: readonly Fault[]): Promise<void>
    /** The number of injections of each kind so far. */
    readonly counts: Readonly<FaultCounts>
  }
  close(): Promise<void>
}

export interface FaultProxyOptions {
  /** On both loopback addresses. From `findFreePorts`, as the port must still be free after a `refused` fault. */
  port: number
  /** The port of the store on 127.0.0.1. */
  storePort: number
  /** Returns numbers from 0 up to 1, for faults with a probability or a spread. */
  random: () => number
}

/**
 * Opens a proxy in front of a store. Forwards heads, with `Host`, and bodies unchanged, so that signatures stay valid. Each
 * connection of a client has its own connection to the store.
 */
export async function openFaultProxy({ port, storePort, random }: FaultProxyOptions): Promise<FaultProxy> {
  const schedule = new FaultSchedule(random)
  const sockets = new Set<Socket>()
  const agents = new WeakMap<Socket, Agent>()
  let servers: Server[] = []

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const agent = agents.get(request.socket) as Agent
    const exchange = { request, response, agent, storePort }
    // If one connection breaks, break the other one, too.
    forward(exchange, schedule.next(request)).catch(() => reset(response))
  }

  function createProxyServer(): Server {
    // Only the store has limits.
    const limits = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 256 * 1024 }
    const server = createServer(limits, handle).on('checkContinue', handle)
    server.on('clientError', (_error, socket) => socket.destroy())
    return server.on('connection', (socket) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      agents.set(socket, agent)
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        agent.destroy()
      })
    })
  }

  async function listen(): Promise<void> {
    for (const host of loopbackAddresses) {
      const server = createProxyServer().listen({ port, host })
      try {
        await once(server, 'listening')
        servers.push(server)
      } catch (error) {
        if (!isAddressMissing(error)) throw error
      }
    }
  }

  async function shut(): Promise<void> {
    const closing = servers.map((server) => once(server.close(), 'close'))
    servers = []
    for (const socket of sockets) socket.resetAndDestroy()
    await Promise.all(closing)
  }

  await listen()
  return {
    faults: {
      async set(faults) {
        schedule.set(faults)
        if (schedule.refusesConnections && servers.length > 0) {
          schedule.counts.refused += 1
          await shut()
        } else if (!schedule.refusesConnections && servers.length === 0) await listen()
      },
      counts: schedule.counts,
    },
    close: shut,
  }
}

/** A request to the store, and its response. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  agent: Agent
  storePort: number
}

async function forward(exchange: Exchange, { latencyMs, dateShiftMs, breaks }: Plan): Promise<void> {
  const { request, response } = exchange
  if (latencyMs > 0) await delay(response, latencyMs)
  switch (breaks?.kind) {
    case 'reset':
      return reset(response)
    case 'stall':
      // Reads the request and never responds.
      request.resume()
      if (request.headers.expect) response.writeContinue()
      return
    case 'slow-down':
      return slowDown(exchange, breaks.retryAfterSeconds)
    case 'reset-in-request':
      return breakInRequest(exchange)
  }
  const storeResponse = await sendAll(exchange)
  const headers = dateShiftMs === 0 ? storeResponse.rawHeaders : withShiftedDate(storeResponse.rawHeaders, dateShiftMs)
  switch (breaks?.kind) {
    case 'lost-answer':
    case 'withheld-answer':
      for await (const _ of storeResponse);
      if (breaks.kind === 'lost-answer') reset(response)
      return
    case 'reset-in-answer':
    case 'stall-in-answer':
      await sendHalf(exchange, storeResponse, headers)
      if (breaks.kind === 'reset-in-answer') reset(response)
      return
  }
  sendHead(response, storeResponse, headers)
  storeResponse.on('error', () => reset(response))
  storeResponse.pipe(response)
}

/** Waits, unless the client disconnects. */
async function delay(response: ServerResponse, ms: number): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  await sleep(ms, undefined, { signal: gone.signal })
}

/** Sends the whole request to the store. @returns the response once its head has arrived */
async function sendAll(exchange: Exchange): Promise<IncomingMessage> {
  const { request, response } = exchange
  const toStore = send(exchange)
  toStore.on('continue', () => response.writeContinue())
  request.pipe(toStore)
  const [storeResponse] = (await once(toStore, 'response')) as [IncomingMessage]
  return storeResponse
}

/** Sends the head of the request to the store, unchanged. */
function send({ request, response, agent, storePort }: Exchange) {
  const { method, url: path, rawHeaders } = request
  // Without a length, Node announces a chunked body even if there is no body.
  const isUnframed =
    methodsWithBody.has(method ?? '') &&
    !('content-length' in request.headers) &&
    !('transfer-encoding' in request.headers)
  const toStore = openRequest({
    host: '127.0.0.1',
    port: storePort,
    agent,
    method,
    path,
    headers: isUnframed ? [...rawHeaders, 'Content-Length', '0'] : rawHeaders,
    setHost: false,
  })
  toStore.on('error', () => {
    // A store that responds before the end of the body need not read the rest.
    if (!response.headersSent) reset(response)
  })
  response.on('close', () => {
    if (!response.writableFinished) toStore.destroy()
  })
  // Without this, the head waits for the first part of the body.
  if (request.headers.expect) toStore.flushHeaders()
  return toStore
}

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])

function sendHead(response: ServerResponse, storeResponse: IncomingMessage, headers: string[]): void {
  response.sendDate = false
  response.writeHead(storeResponse.statusCode ?? 502, storeResponse.statusMessage, headers)
}

/** Responds as S3 does (AWS, "Error responses"). Ignores the body of the request. */
function slowDown({ request, response }: Exchange, retryAfterSeconds: number | undefined): void {
  request.resume()
  const headers = {
    'content-type': 'application/xml',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  }
  response.writeHead(503, headers)
  const error = '<Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>0</RequestId>'
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}<HostId>0</HostId></Error>`)
}

async function breakInRequest(exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  let left = Math.floor(Number(request.headers['content-length'] ?? 1) / 2)
  const toStore = send(exchange)
  toStore.flushHeaders()
  if (request.headers.expect) response.writeContinue()
  for await (const chunk of request as AsyncIterable<Buffer>) {
    await new Promise((resolve) => toStore.write(chunk.subarray(0, left), resolve))
    left -= chunk.length
    if (left <= 0) break
  }
  toStore.destroy()
  reset(response)
}

async function sendHalf({ response }: Exchange, storeResponse: IncomingMessage, headers: string[]): Promise<void> {
  const bytes: Buffer[] = []
  for await (const chunk of storeResponse as AsyncIterable<Buffer>) bytes.push(chunk)
  const body = Buffer.concat(bytes)
  if (body.length === 0) {
    // A response without a body breaks in its head.
    await new Promise((resolve) => response.socket?.write(`HTTP/1.1 ${storeResponse.statusCode} `, resolve))
    return
  }
  sendHead(response, storeResponse, headers)
  await new Promise((resolve) => response.write(body.subarray(0, Math.floor(body.length / 2)), resolve))
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function withShiftedDate(rawHeaders: string[], shiftMs: number): string[] {
  return rawHeaders.map((value, at) =>
    at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'date'
      ? new Date(Date.parse(value) + shiftMs).toUTCString()
      : value,
  )
}
