import type { IncomingHttpHeaders } from 'node:http'
import { HttpRequest } from '@smithy/protocol-http'
import { StoreError } from './errors'
import {
  type Account,
  algorithm,
  createSigner,
  maxClockSkewMs,
  parseAmzDate,
  requireCredential,
  sameSignature,
} from './signature'
import type { Query, Target } from './target'

/** The parts of a request that a signature covers. */
export type SignedRequest = { method: string; target: Target; headers: IncomingHttpHeaders }

/**
 * Verifies the signature of a request.
 * @returns the hash that the payload must have: a SHA-256 in hex, `UNSIGNED-PAYLOAD` or `STREAMING-…`
 * @throws StoreError for any other request; AccessDenied for an anonymous one
 */
export async function authenticate(request: SignedRequest, account: Account, now: Date): Promise<string> {
  const { authorization } = request.headers
  const inQuery = request.target.query.has('X-Amz-Algorithm') || request.target.query.has('X-Amz-Signature')
  if (authorization !== undefined && inQuery) {
    throw new StoreError('InvalidArgument', 'Only one auth mechanism allowed')
  }
  if (request.headers['x-amz-security-token'] !== undefined || request.target.query.has('X-Amz-Security-Token')) {
    throw new StoreError('InvalidToken')
  }
  if (authorization !== undefined) return authenticateHeader(request, authorization, account, now)
  if (inQuery) return authenticateQuery(request, account, now)
  throw new StoreError('AccessDenied')
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html */
async function authenticateHeader(
  request: SignedRequest,
  authorization: string,
  account: Account,
  now: Date,
): Promise<string> {
  if (!authorization.startsWith(`${algorithm} `)) {
    throw new StoreError('InvalidRequest', `The authorization mechanism is not supported. Please use ${algorithm}.`)
  }
  const match = /^Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
    authorization.slice(algorithm.length).trim(),
  )
  const [, credential, signedHeaders, signature] = match ?? []
  if (!credential || !signedHeaders || !signature) throw new StoreError('AuthorizationHeaderMalformed')

  const signedAt = parseAmzDate(singleHeader(request.headers, 'x-amz-date') ?? '')
  if (!signedAt) throw new StoreError('AccessDenied', 'AWS authentication requires a valid x-amz-date header')
  requireCredential(credential, account, signedAt, 'AuthorizationHeaderMalformed')
  if (Math.abs(now.getTime() - signedAt.getTime()) > maxClockSkewMs) {
    throw new StoreError('RequestTimeTooSkewed', undefined, {
      RequestTime: signedAt.toISOString(),
      ServerTime: now.toISOString(),
      MaxAllowedSkewMilliseconds: maxClockSkewMs,
    })
  }
  const payloadHash = singleHeader(request.headers, 'x-amz-content-sha256')
  if (payloadHash === undefined) {
    throw new StoreError('MissingSecurityHeader', undefined, { MissingHeaderName: 'x-amz-content-sha256' })
  }

  const names = requireSignedHeaders(signedHeaders, request.headers)
  const expected = await createSigner(account).sign(toHttpRequest(request, names, request.target.query), {
    signingDate: signedAt,
    signableHeaders: names,
  })
  if (!sameSignature(expected.headers.authorization?.split('Signature=')[1], signature)) {
    throw new StoreError('SignatureDoesNotMatch')
  }
  return payloadHash
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
async function authenticateQuery(request: SignedRequest, account: Account, now: Date): Promise<string> {
  const parameter = (name: string) => requireParameter(request.target.query, name)
  if (parameter('X-Amz-Algorithm') !== algorithm) throw malformedQuery(`X-Amz-Algorithm only supports "${algorithm}"`)
  const signedAt = parseAmzDate(parameter('X-Amz-Date'))
  if (!signedAt) throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const expiresInSeconds = parseExpiry(parameter('X-Amz-Expires'))
  requireCredential(parameter('X-Amz-Credential'), account, signedAt, 'AuthorizationQueryParametersError')

  const names = requireSignedHeaders(parameter('X-Amz-SignedHeaders'), request.headers)
  const signature = parameter('X-Amz-Signature')
  const payloadHash =
    request.target.query.get('X-Amz-Content-Sha256') ??
    singleHeader(request.headers, 'x-amz-content-sha256') ??
    'UNSIGNED-PAYLOAD'
  const toSign = toHttpRequest(request, names, request.target.query)
  toSign.headers['x-amz-content-sha256'] = payloadHash
  const expected = await createSigner(account).presign(toSign, {
    signingDate: signedAt,
    expiresIn: expiresInSeconds,
    signableHeaders: names,
    // The signer reads the payload hash from this header, which is part of the signature only if the client signed it.
    unsignableHeaders: new Set(['x-amz-content-sha256']),
    unhoistableHeaders: new Set([...names, 'x-amz-content-sha256']),
  })
  // The signer sets these two parameters itself, so compare them with those that the client sent.
  const sameList = expected.query?.['X-Amz-SignedHeaders'] === request.target.query.get('X-Amz-SignedHeaders')
  const sameExpiry = expected.query?.['X-Amz-Expires'] === request.target.query.get('X-Amz-Expires')
  if (!sameList || !sameExpiry || !sameSignature(String(expected.query?.['X-Amz-Signature']), signature)) {
    throw new StoreError('SignatureDoesNotMatch')
  }

  const expiresAt = new Date(signedAt.getTime() + expiresInSeconds * 1000)
  if (signedAt.getTime() - now.getTime() > maxClockSkewMs) {
    throw new StoreError('AccessDenied', 'Request is not yet valid', { ServerTime: now.toISOString() })
  }
  if (now > expiresAt) {
    throw new StoreError('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': expiresInSeconds,
      Expires: expiresAt.toISOString(),
      ServerTime: now.toISOString(),
    })
  }
  return payloadHash
}

function requireParameter(query: Query, name: string): string {
  const values = query.pairs.filter(([other]) => other.toLowerCase() === name.toLowerCase())
  const [only] = values
  if (values.length !== 1 || only?.[0] !== name) {
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters, each once.',
    )
  }
  return only[1]
}

function parseExpiry(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw malformedQuery('X-Amz-Expires should be a number')
  const seconds = Number(text)
  if (seconds < 1) throw malformedQuery('X-Amz-Expires must be positive')
  if (seconds > 604_800) throw malformedQuery('X-Amz-Expires must be less than a week (in seconds)')
  return seconds
}

function malformedQuery(message: string): StoreError {
  return new StoreError('AuthorizationQueryParametersError', message)
}

/**
 * Returns the names of the signed headers.
 * @throws StoreError if `host` or an `x-amz-*` header is not signed, or if a signed header was not sent
 */
function requireSignedHeaders(list: string, headers: IncomingHttpHeaders): Set<string> {
  const names = new Set(list.split(';'))
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !names.has(name))
  if (!names.has('host')) unsigned.push('host')
  if (unsigned.length > 0) {
    throw new StoreError('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    })
  }
  for (const name of names) {
    if (headers[name] === undefined) throw new StoreError('SignatureDoesNotMatch')
  }
  return names
}

function toHttpRequest(request: SignedRequest, names: Set<string>, query: Query): HttpRequest {
  const headers = Object.fromEntries([...names].map((name) => [name, singleHeader(request.headers, name) ?? '']))
  return new HttpRequest({
    method: request.method,
    path: request.target.path,
    query: toQueryBag(query),
    headers,
  })
}

function toQueryBag(query: Query): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = {}
  for (const [name, value] of query.pairs) {
    // The signer's copy of the query would lose this name, so its signature could not be verified.
    if (name === '__proto__') throw new StoreError('InvalidArgument')
    const known = bag[name]
    bag[name] = known === undefined ? value : [known, value].flat()
  }
  return bag
}

function singleHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
