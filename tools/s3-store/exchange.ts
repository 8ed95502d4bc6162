import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Buckets } from './buckets'
import type { Account } from './signature'
import type { Target } from './target'

/** A request, its response, and everything needed to handle it. */
export type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  target: Target
  buckets: Buckets
  account: Account
  now: () => Date
}

/** An exchange with a verified signature. `payloadHash` is the payload hash of the signature. */
export type SignedExchange = Exchange & { payloadHash: string }
