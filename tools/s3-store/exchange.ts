import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Buckets } from './buckets'
import type { Account } from './signature'
import type { Target } from './target'

/** One request, its answer, and what is needed to get from one to the other. */
export type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  target: Target
  buckets: Buckets
  account: Account
  now: () => Date
}

/** An exchange whose caller is known; `payloadHash` is what the signature says about the body. */
export type SignedExchange = Exchange & { payloadHash: string }
