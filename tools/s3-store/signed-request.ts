import { createHash, createHmac } from 'node:crypto'
import { type ClientRequest, type IncomingHttpHeaders, request as sendByHttp } from 'node:http'
import { request as sendByHttps } from 'node:https'
import { account } from './test-store'

/*
 * An independent implementation of SigV4, written from the specification with node:crypto only. Tests use it so that
 * they do not verify the store with the library that the store uses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

export type Signing = {
  method: string
  /** The path and query as sent, encoded. */
  path: string
  headers: Record<string, string>
  payloadHash: string
  signedAt: Date
  region?: string
  accessKeyId?: string
  secretAccessKey?: string
}

export function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

export function credentialOf({
  signedAt,
  region = account.region,
  accessKeyId = account.accessKeyId,
}: Signing): string {
  return `${accessKeyId}/${amzDate(signedAt).slice(0, 8)}/${region}/s3/aws4_request`
}

/** Returns the signature in hex over exactly these headers. */
export function signatureOf(signing: Signing): string {
  const [path = '', query = ''] = signing.path.split('?')
  const pairs = query.split('&').filter((pair) => pair !== '')
  const canonicalQuery = pairs.map((pair) => (pair.includes('=') ? pair : `${pair}=`)).sort()
  const names = Object.keys(signing.headers).sort()
  const canonicalRequest = [
    signing.method,
    path,
    canonicalQuery.join('&'),
    ...names.map((name) => `${name}:${signing.headers[name]}`),
    '',
    names.join(';'),
    signing.payloadHash,
  ].join('\n')
  const scope = credentialOf(signing).split('/').slice(1).join('/')
  const stringToSign = ['AWS4-HMAC-SHA256', amzDate(signing.signedAt), scope, sha256(canonicalRequest)].join('\n')
  return hmac(signingKey(signing), stringToSign).toString('hex')
}

/** Derives the signing key of a day, a region and S3. */
export function signingKey({ signedAt, region = account.region, secretAccessKey = account.secretAccessKey }: Signing) {
  const dateKey = hmac(`AWS4${secretAccessKey}`, amzDate(signedAt).slice(0, 8))
  return hmac(hmac(hmac(dateKey, region), 's3'), 'aws4_request')
}

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; code: string | undefined }

/** Sends a request unchanged: does not normalise the path, and adds only the headers `host` and `connection`. */
export function send(
  endpoint: string,
  request: { method: string; path: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Answer> {
  const outgoing = openRequest(endpoint, request)
  outgoing.end(request.body)
  return answerTo(outgoing)
}

/** Starts a presigned PUT whose body the caller writes in pieces. */
export function openUpload(endpoint: string, path: string, bytes: number) {
  const headers = { 'content-length': String(bytes) }
  const outgoing = openRequest(endpoint, {
    method: 'PUT',
    path: presignedPath(endpoint, { method: 'PUT', path }),
    headers,
  })
  return { write: (piece: Buffer) => outgoing.write(piece), answer: answerTo(outgoing) }
}

function openRequest(endpoint: string, request: { method: string; path: string; headers?: Record<string, string> }) {
  const { protocol, hostname, port } = new URL(endpoint)
  const sendRequest = protocol === 'https:' ? sendByHttps : sendByHttp
  return sendRequest({ host: hostname, port, agent: false, ...request })
}

function answerTo(outgoing: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString('utf8')
      const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1]
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code })
    })
  })
}

export type SignedRequest = {
  method: string
  path: string
  body?: string | Buffer
  headers?: Record<string, string>
  signedAt?: Date
  region?: string
  accessKeyId?: string
  secretAccessKey?: string
  payloadHash?: string
  /** Headers that are sent but not signed. */
  unsigned?: Record<string, string>
}

/** Sends a request with a signature in the Authorization header. */
export function sendSigned(endpoint: string, request: SignedRequest): Promise<Answer> {
  const { method, path, body = '', signedAt = new Date(), payloadHash = sha256(body) } = request
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    'x-amz-date': amzDate(signedAt),
    'x-amz-content-sha256': payloadHash,
    ...(body.length > 0 || method === 'PUT' ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
    ...request.headers,
  }
  const signing = { ...request, headers, payloadHash, signedAt }
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentialOf(signing)}, ` +
    `SignedHeaders=${Object.keys(headers).sort().join(';')}, Signature=${signatureOf(signing)}`
  return send(endpoint, { method, path, body, headers: { ...headers, ...request.unsigned, authorization } })
}

/** Returns path and query of a presigned URL for the given headers and `host`. */
export function presignedPath(
  endpoint: string,
  options: {
    method: string
    path: string
    expiresInSeconds?: number | string
    signedAt?: Date
    headers?: Record<string, string>
    parameters?: Record<string, string>
    region?: string
    accessKeyId?: string
    secretAccessKey?: string
  },
): string {
  const { path, expiresInSeconds = 60, signedAt = new Date(), parameters = {} } = options
  const headers = { host: new URL(endpoint).host, ...options.headers }
  const signing = { ...options, headers, payloadHash: 'UNSIGNED-PAYLOAD', signedAt }
  const query = Object.entries({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': credentialOf(signing),
    'X-Amz-Date': amzDate(signedAt),
    'X-Amz-Expires': String(expiresInSeconds),
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
    ...parameters,
  })
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  const signature = signatureOf({ ...signing, path: `${path}?${query}` })
  return `${path}?${query}&X-Amz-Signature=${signature}`
}
