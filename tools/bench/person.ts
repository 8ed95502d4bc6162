import { readFile } from 'node:fs/promises'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Area, CropAnswer, SavedImage, UploadTicket } from '@/lib/images/schema'
import { contentTypes, type Photo, photoFile } from './photos'

/** An answer, read to its end. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** When its body began and ended, by `performance.now()`. */
  firstByteAt: number
  endedAt: number
}

/** A person who is signed in and does what the pages do, through the host at a port. */
export interface Person {
  cookie: string
  /** A request to a host, as the site's own pages send it. */
  ask(port: number, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Step 1, first half: has an upload issued. */
  issue(port: number, photo: Photo): Promise<UploadTicket>
  /** Step 1, second half: sends the file to the store. */
  send(ticket: UploadTicket, photo: Photo): Promise<void>
  /** Both halves. @returns the uploadId */
  upload(port: number, photo: Photo): Promise<string>
  /** Step 2. Retries after `busy` and its Retry-After. */
  crop(port: number, uploadId: string, area: Area, onBusy?: () => void): Promise<CropAnswer>
  /** Step 3. */
  save(port: number, crop: { uploadId: string; cropId: string }): Promise<SavedImage>
}

/** Long enough for the last of many crops that wait for each other. */
const timeoutMs = 300_000
const agent = new Agent({ keepAlive: true, maxSockets: 128 })

/** Sends a request over a kept connection. Rejects if no answer comes. */
export function ask(options: {
  port: number
  method: string
  path: string
  headers?: Record<string, string>
  body?: Buffer | string | undefined
}): Promise<Answer> {
  const { port, method, path, headers, body } = options
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      timeout: timeoutMs,
      headers: { ...headers, ...length },
    })
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      let firstByteAt: number | undefined
      response.on('data', (chunk: Buffer) => {
        firstByteAt ??= performance.now()
        chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        const endedAt = performance.now()
        const { statusCode: status = 0, headers: answered } = response
        resolve({
          status,
          headers: answered,
          body: Buffer.concat(chunks),
          firstByteAt: firstByteAt ?? endedAt,
          endedAt,
        })
      })
    })
    asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer within ${timeoutMs / 1000} s`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Signs in as a new guest. @param origin the site's own */
export async function signIn(port: number, origin: string): Promise<Person> {
  const site = { origin, 'x-forwarded-host': new URL(origin).host, 'x-forwarded-proto': 'http' }
  const signedIn = await ask({ port, method: 'POST', path: '/api/session/guest', headers: site })
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0]
  if (signedIn.status !== 204 || !cookie) throw new Error(`signing in as a guest was answered ${signedIn.status}`)

  const person: Person = {
    cookie,
    ask(askedPort, method, path, body, headers) {
      const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
      const text = body === undefined ? undefined : JSON.stringify(body)
      return ask({ port: askedPort, method, path, body: text, headers: { cookie, ...site, ...json, ...headers } })
    },
    async issue(askedPort, photo) {
      const { length: size } = await bytesOf(photo)
      const request = { collection: 'avatars', contentType: contentTypes[photo.format], size }
      return parse(201, await person.ask(askedPort, 'POST', '/api/uploads', request))
    },
    async send(ticket, photo) {
      const form = new FormData()
      for (const [name, value] of Object.entries(ticket.fields ?? {})) form.append(name, value)
      form.append('file', new Blob([await bytesOf(photo)]))
      const answer = await fetch(ticket.url, { method: 'POST', body: form })
      if (!answer.ok) throw new Error(`the store answered ${answer.status}: ${await answer.text()}`)
    },
    async upload(askedPort, photo) {
      const ticket = await person.issue(askedPort, photo)
      await person.send(ticket, photo)
      return ticket.uploadId
    },
    async crop(askedPort, uploadId, area, onBusy) {
      for (;;) {
        const answer = await person.ask(askedPort, 'POST', '/api/crop', { uploadId, area })
        if (answer.status !== 503) return parse(200, answer)
        onBusy?.()
        await sleep(Number(answer.headers['retry-after'] ?? 1) * 1000)
      }
    },
    async save(askedPort, { uploadId, cropId }) {
      return parse(201, await person.ask(askedPort, 'POST', '/api/images', { uploadId, cropId }))
    },
  }
  return person
}

function parse<T>(status: number, answer: Answer): T {
  if (answer.status !== status)
    throw new Error(`a host answered ${answer.status}: ${answer.body.toString('utf8', 0, 500)}`)
  return JSON.parse(answer.body.toString())
}

const kept = new Map<string, Buffer<ArrayBuffer>>()

async function bytesOf(photo: Photo): Promise<Buffer<ArrayBuffer>> {
  const file = await photoFile(photo)
  const bytes = kept.get(file) ?? Buffer.from(await readFile(file))
  kept.set(file, bytes)
  return bytes
}
