import type { UploadTicket } from '@/lib/images/schema'
import { ApiClient, toFormRequest, type UploadFile } from '@/tools/testing/api-client'
import { readJson, sendRequest } from '@/tools/testing/http'
import type { Choices } from './choices'
import { type Outcome, Stuck, sendWithRetries } from './client'
import type { Account, Ledger } from './ledger'
import type { Tally } from './tally'

/** The site, and what all people of a run share. */
export interface World {
  /** The site's origin, as a browser knows it. */
  origin: string
  ledger: Ledger
  tally: Tally
}

/** A parsed response, and the number of tries without a response before it. */
export interface Reply<T> {
  status: number
  value: T
  lost: number
}

/** A session of one person by API. Retries every request. */
export class Session {
  readonly #client: ApiClient

  constructor(
    private readonly world: World,
    private readonly choices: Choices,
    cookie: string,
  ) {
    this.#client = ApiClient.create({ origin: world.origin }, cookie)
  }

  /** Signs in as a new guest. Throws Stuck. */
  static async begin(world: World, choices: Choices): Promise<Session> {
    const client = ApiClient.create({ origin: world.origin })
    const request = client.toRequest('POST', '/api/session/guest')
    const { status, headers } = await sendWithRetries('sign in', request, choices, world.tally)
    client.keepCookies(headers)
    if (status !== 204 || !client.cookie) throw new Stuck(`sign in: status ${status}`)
    return new Session(world, choices, client.cookie)
  }

  /** Opens an account for the person of this session. Throws Stuck. */
  async openAccount(): Promise<Account> {
    const { value } = await this.send<{ user: { id: string } }>('who am I', 'GET', '/api/session')
    return this.world.ledger.open(value.user.id, this.#client.cookie)
  }

  /** Sends a request to a host. Throws Stuck if the response has none of the expected statuses. */
  async send<T>(
    name: string,
    method: string,
    path: string,
    json?: unknown,
    expected = [200, 201, 204],
  ): Promise<Reply<T>> {
    const request = this.#client.toRequest(method, path, json)
    const outcome = await sendWithRetries(name, request, this.choices, this.world.tally)
    if (!expected.includes(outcome.status)) {
      const { status, body } = outcome
      throw new Stuck(`${name}, ${method} ${path} ${request.body ?? ''}: ${status} ${body.toString('utf8', 0, 300)}`)
    }
    return { status: outcome.status, value: readJson<T>(outcome), lost: outcome.lost }
  }

  /** Sends a request once, and leaves after a short time, with or without a response. */
  async sendAndLeave(method: string, path: string, json?: unknown): Promise<void> {
    const request = this.#client.toRequest(method, path, json)
    await sendRequest(request, this.choices.whole(1, 1_500)).catch(() => undefined)
  }

  /** Sends a file to the store, as a browser's form does. */
  post(ticket: UploadTicket, file: UploadFile): Promise<Outcome> {
    return sendWithRetries('post', toFormRequest(ticket, file), this.choices, this.world.tally)
  }
}
