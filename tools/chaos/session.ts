import type { UploadTicket } from '@/lib/images/schema'
import { ApiClient, toFormRequest, type UploadFile } from '@/tools/testing/api-client'
import { type HttpRequest, readJson, sendRequest } from '@/tools/testing/http'
import type { Choices } from './choices'
import { type Outcome, Stuck, sendWithRetries } from './client'
import { type Credentials, guestCredentials } from './credentials'
import type { Account, Ledger } from './ledger'
import { signInAtProvider } from './sign-in'
import type { Tally } from './tally'

/** The site, and what all people of a run share. */
export interface World {
  /** The site's origin, as a browser knows it. */
  origin: string
  ledger: Ledger
  tally: Tally
  /** Returns another account of the provider. Null: people are guests. */
  nextSubject: (() => string) | null
}

/** A parsed response, and the number of tries without a response before it. */
export interface Reply<T> {
  status: number
  value: T
  lost: number
}

/** A session of one person by API. Retries every request. */
export class Session {
  constructor(
    private readonly world: World,
    private readonly choices: Choices,
    private readonly credentials: Credentials,
  ) {}

  /** Signs in as a new person. Throws Stuck. */
  static async begin(world: World, choices: Choices): Promise<Session> {
    if (world.nextSubject) {
      return new Session(world, choices, await signInAtProvider(world, choices, world.nextSubject()))
    }
    const client = ApiClient.create({ origin: world.origin })
    const request = client.toRequest('POST', '/api/session/guest')
    const { status, headers } = await sendWithRetries('sign in', request, choices, world.tally)
    client.keepCookies(headers)
    if (status !== 204 || !client.cookie) throw new Stuck(`sign in: status ${status}`)
    return new Session(world, choices, guestCredentials(client.cookie))
  }

  /** Opens an account for the person of this session. Throws Stuck. */
  async openAccount(): Promise<Account> {
    const { value } = await this.send<{ user: { id: string } }>('who am I', 'GET', '/api/session')
    return this.world.ledger.open(value.user.id, this.credentials)
  }

  /** Ends all sessions of this person, and begins another one. Throws Stuck. */
  async signOutEverywhere(): Promise<void> {
    const { credentials } = this
    const { status, lost } = await this.send('sign out', 'DELETE', '/api/sessions', undefined, [204, 401])
    // An earlier try without a response may have ended this session, too.
    if (status === 401 && lost === 0 && !credentials.mayEnd) throw new Stuck('sign out: the session had ended')
    credentials.ended.push(credentials.cookie)
    if (lost > 0) credentials.mayEnd = true
    await this.#signInAgain()
  }

  async #signInAgain(): Promise<void> {
    const { credentials, world, choices } = this
    const { cookie, mayEnd } = await signInAtProvider(world, choices, credentials.subject as string)
    credentials.cookie = cookie
    credentials.mayEnd ||= mayEnd
  }

  /** Sends a request to a host. Throws Stuck if the response has none of the expected statuses. */
  async send<T>(
    name: string,
    method: string,
    path: string,
    json?: unknown,
    expected = [200, 201, 204],
    signInsLeft = 3,
  ): Promise<Reply<T>> {
    const request = this.#toRequest(method, path, json)
    const outcome = await sendWithRetries(name, request, this.choices, this.world.tally)
    if (outcome.status === 401 && !expected.includes(401) && this.credentials.mayEnd && signInsLeft > 0) {
      // As the page offers: sign in again, and continue.
      await this.#signInAgain()
      const reply = await this.send<T>(name, method, path, json, expected, signInsLeft - 1)
      return { ...reply, lost: reply.lost + outcome.lost }
    }
    if (!expected.includes(outcome.status)) {
      const { status, body } = outcome
      throw new Stuck(`${name}, ${method} ${path} ${request.body ?? ''}: ${status} ${body.toString('utf8', 0, 300)}`)
    }
    return { status: outcome.status, value: readJson<T>(outcome), lost: outcome.lost }
  }

  /** Sends a request once, and leaves after a short time, with or without a response. */
  async sendAndLeave(method: string, path: string, json?: unknown): Promise<void> {
    const request = this.#toRequest(method, path, json)
    await sendRequest(request, this.choices.whole(1, 1_500)).catch(() => undefined)
  }

  #toRequest(method: string, path: string, json: unknown): HttpRequest {
    const client = ApiClient.create({ origin: this.world.origin }, this.credentials.cookie)
    return client.toRequest(method, path, json)
  }

  /** Sends a file to the store, as a browser's form does. */
  post(ticket: UploadTicket, file: UploadFile): Promise<Outcome> {
    return sendWithRetries('post', toFormRequest(ticket, file), this.choices, this.world.tally)
  }
}
