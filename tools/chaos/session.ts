import { randomUUID } from 'node:crypto'
import type { UploadTicket } from '@/lib/images/schema'
import type { Choices } from './choices'
import { type Ask, askOnce, askPatiently, type Outcome, Stuck } from './client'
import type { Account, Ledger } from './ledger'
import type { Tally } from './tally'

/** The site, and what all people of a run share. */
export interface World {
  /** The site's origin, as a browser knows it. Requests go to its port on the loopback. */
  origin: string
  ledger: Ledger
  tally: Tally
}

/** A parsed answer, and how many tries before it had none. */
export interface Reply<T> {
  status: number
  value: T
  lost: number
}

/** A session with the site by API: what a browser does for a person who is signed in. */
export class Session {
  constructor(
    private readonly world: World,
    private readonly choices: Choices,
    private readonly cookie: string,
  ) {}

  /** Signs in as a new guest. Throws Stuck. */
  static async begin(world: World, choices: Choices): Promise<Session> {
    const { origin, tally } = world
    const guest = { method: 'POST', url: new URL('/api/session/guest', origin), headers: { origin } }
    const { status, headers } = await askPatiently('sign in', guest, choices, tally)
    const cookie = headers['set-cookie']?.[0]?.split(';')[0]
    if (status !== 204 || !cookie) throw new Stuck(`signing in was answered ${status}`)
    return new Session(world, choices, cookie)
  }

  /** Opens an account for the person of this session. Throws Stuck. */
  async openAccount(): Promise<Account> {
    const { value } = await this.send<{ user: { id: string } }>('who am I', 'GET', '/api/session')
    return this.world.ledger.open(value.user.id, this.cookie)
  }

  /** Sends a request to a host. Throws Stuck if the answer's status is not one of those expected. */
  async send<T>(
    name: string,
    method: string,
    path: string,
    json?: unknown,
    expected = [200, 201, 204],
  ): Promise<Reply<T>> {
    const request = this.#request(method, path, json)
    const { status, body: bytes, lost } = await askPatiently(name, request, this.choices, this.world.tally)
    if (!expected.includes(status)) {
      const said = bytes.toString('utf8', 0, 300)
      throw new Stuck(`${name}, ${method} ${path} ${request.body ?? ''}, was answered ${status} ${said}`)
    }
    return { status, value: bytes.length > 0 ? JSON.parse(bytes.toString()) : null, lost }
  }

  /** Sends a request once, and leaves soon, whether it is answered or not. */
  async sendAndLeave(method: string, path: string, json?: unknown): Promise<void> {
    await askOnce(this.#request(method, path, json), this.choices.whole(1, 1_500)).catch(() => undefined)
  }

  #request(method: string, path: string, json: unknown): Ask {
    const { origin } = this.world
    const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
    const body = json === undefined ? undefined : JSON.stringify(json)
    return { method, url: new URL(path, origin), headers: { cookie: this.cookie, origin, ...type }, body }
  }

  /** Sends a file to the store, as a browser's form does. */
  post({ url, fields = {} }: UploadTicket, file: Buffer): Promise<Outcome> {
    const boundary = randomUUID()
    const parts = Object.entries(fields).map(
      ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
    )
    const opening = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo"\r\n\r\n`
    const body = Buffer.concat([Buffer.from(parts.join('') + opening), file, Buffer.from(`\r\n--${boundary}--\r\n`)])
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
    return askPatiently('post', { method: 'POST', url: new URL(url), headers, body }, this.choices, this.world.tally)
  }
}
