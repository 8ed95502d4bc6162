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
import { type Fate, type Fault, type FaultCounts, FaultSchedule } from './faults'
import { isAddressMissing, loopbackAddresses } from './ports'

/** A proxy that injects faults on the way to the store. The store itself is never touched. */
export interface FaultProxy {
  faults: {
    /** Replaces all faults. Requests that have begun keep theirs. */
    set(faults: readonly Fault[]): Promise<void>
    /** How often each kind was injected since the proxy was opened. */
    readonly counts: Readonly<FaultCounts>
  }
  close(): Promise<void>
}

export interface FaultProxyOptions {
  /** On both loopback addresses. One of `findFreePorts`: it must still be free after a refusal. */
  port: number
  /** Where the store listens on 127.0.0.1. */
  storePort: number
  /** Numbers from 0 up to 1, for faults with a probability or a spread. */
  random: () => number
}

/**
 * Opens a proxy before a store. Heads, `Host` included, and bodies pass unchanged, so that signatures stay valid. Each
 * connection of a client has its own connection to the store.
 */
export async function openFaultProxy({ port, storePort, random }: FaultProxyOptions): Promise<FaultProxy> {
  const schedule = new FaultSchedule(random)
  const sockets = new Set<Socket>()
  const agents = new WeakMap<Socket, Agent>()
  let servers: Server[] = []

  function lead(request: IncomingMessage, response: ServerResponse): void {
    const agent = agents.get(request.socket) as Agent
    const journey = { request, response, agent, storePort }
    // If one side breaks off, the other one does, too.
    travel(journey, schedule.next(request)).catch(() => breakOff(response))
  }

  function createProxyServer(): Server {
    // The store has limits; the proxy has none.
    const limits = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 256 * 1024 }
    const server = createServer(limits, lead).on('checkContinue', lead)
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

/** A request on its way to the store, and its answer on the way back. */
interface Journey {
  request: IncomingMessage
  response: ServerResponse
  agent: Agent
  storePort: number
}

async function travel(journey: Journey, { latencyMs, dateShiftMs, breaks }: Fate): Promise<void> {
  const { request, response } = journey
  if (latencyMs > 0) await delay(response, latencyMs)
  switch (breaks?.kind) {
    case 'reset':
      return breakOff(response)
    case 'stall':
      // The request is read, and never answered.
      request.resume()
      if (request.headers.expect) response.writeContinue()
      return
    case 'slow-down':
      return slowDown(journey, breaks.retryAfterSeconds)
    case 'reset-in-request':
      return breakInRequest(journey)
  }
  const answer = await ask(journey)
  const headers = dateShiftMs === 0 ? answer.rawHeaders : withShiftedDate(answer.rawHeaders, dateShiftMs)
  switch (breaks?.kind) {
    case 'lost-answer':
    case 'withheld-answer':
      for await (const _ of answer);
      if (breaks.kind === 'lost-answer') breakOff(response)
      return
    case 'reset-in-answer':
    case 'stall-in-answer':
      await sendHalf(journey, answer, headers)
      if (breaks.kind === 'reset-in-answer') breakOff(response)
      return
  }
  head(response, answer, headers)
  answer.on('error', () => breakOff(response))
  answer.pipe(response)
}

/** Waits, unless who has asked goes away. */
async function delay(response: ServerResponse, ms: number): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  await sleep(ms, undefined, { signal: gone.signal })
}

/** Passes the request on. @returns the store's answer, of which only the head has come */
async function ask(journey: Journey): Promise<IncomingMessage> {
  const { request, response } = journey
  const toStore = send(journey)
  toStore.on('continue', () => response.writeContinue())
  request.pipe(toStore)
  const [answer] = (await once(toStore, 'response')) as [IncomingMessage]
  return answer
}

/** Sends the head of the request to the store, as it came. */
function send({ request, response, agent, storePort }: Journey) {
  const { method, url: path, rawHeaders } = request
  // Node would announce a body in chunks where these tell no length, and there is no body.
  const isUnframed =
    bodied.has(method ?? '') && !('content-length' in request.headers) && !('transfer-encoding' in request.headers)
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
    // A store that has answered before all of the body came need not take the rest.
    if (!response.headersSent) breakOff(response)
  })
  response.on('close', () => {
    if (!response.writableFinished) toStore.destroy()
  })
  // Otherwise the head waits for the first part of the body.
  if (request.headers.expect) toStore.flushHeaders()
  return toStore
}

const bodied = new Set(['POST', 'PUT', 'PATCH'])

function head(response: ServerResponse, answer: IncomingMessage, headers: string[]): void {
  response.sendDate = false
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers)
}

/** Answers as S3 does (AWS, "Error responses"). The body of the request is ignored. */
function slowDown({ request, response }: Journey, retryAfterSeconds: number | undefined): void {
  request.resume()
  const headers = {
    'content-type': 'application/xml',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  }
  response.writeHead(503, headers)
  const error = '<Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>0</RequestId>'
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}<HostId>0</HostId></Error>`)
}

async function breakInRequest(journey: Journey): Promise<void> {
  const { request, response } = journey
  let left = Math.floor(Number(request.headers['content-length'] ?? 1) / 2)
  const toStore = send(journey)
  toStore.flushHeaders()
  if (request.headers.expect) response.writeContinue()
  for await (const chunk of request as AsyncIterable<Buffer>) {
    await new Promise((resolve) => toStore.write(chunk.subarray(0, left), resolve))
    left -= chunk.length
    if (left <= 0) break
  }
  toStore.destroy()
  breakOff(response)
}

async function sendHalf({ response }: Journey, answer: IncomingMessage, headers: string[]): Promise<void> {
  const bytes: Buffer[] = []
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes.push(chunk)
  const body = Buffer.concat(bytes)
  if (body.length === 0) {
    // An answer without a body breaks in its head.
    await new Promise((resolve) => response.socket?.write(`HTTP/1.1 ${answer.statusCode} `, resolve))
    return
  }
  head(response, answer, headers)
  await new Promise((resolve) => response.write(body.subarray(0, Math.floor(body.length / 2)), resolve))
}

function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function withShiftedDate(rawHeaders: string[], shiftMs: number): string[] {
  return rawHeaders.map((value, at) =>
    at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'date'
      ? new Date(Date.parse(value) + shiftMs).toUTCString()
      : value,
  )
}
