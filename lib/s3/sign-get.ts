import 'server-only'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import type { Bucket } from './client'

/** What the signature of a GET is for. */
export interface SignedGet {
  key: string
  /** Query parameters that S3 answers by, such as `response-content-disposition`. */
  query: Record<string, string>
  signingDate: Date
  /** Seconds. */
  expiresIn: number
}

/**
 * The URL of a signed GET. It is what the SDK's `getSignedUrl` gives, by its own signer, but for what that does anew for
 * each URL, its whole stack of middleware: a page of the gallery has some two hundred.
 */
export async function signGet(bucket: Bucket, { key, query, signingDate, expiresIn }: SignedGet): Promise<string> {
  const { base, presigner } = await signerOf(bucket)
  const path = `${base.pathname}${key.split('/').map(encodeStrictly).join('/')}`
  const request = {
    method: 'GET',
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port && { port: Number(base.port) }),
    path,
    query,
    headers: { host: base.host },
  }
  const signed = await presigner.presign(request, { signingDate, expiresIn })
  const parameters = Object.entries(signed.query ?? {}).map(([name, value]) => `${name}=${encodeStrictly(`${value}`)}`)
  return `${base.origin}${path}?${parameters.join('&')}`
}

/** As signatures have it: all but letters, digits and -._~ (AWS, "Create a canonical request"). */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

interface Signer {
  /** Where the bucket's keys begin. */
  base: URL
  presigner: S3RequestPresigner
}

const signers = new WeakMap<Bucket, Promise<Signer>>()

function signerOf(bucket: Bucket): Promise<Signer> {
  let signer = signers.get(bucket)
  if (!signer) {
    signer = createSigner(bucket)
    signers.set(bucket, signer)
    // Credentials that could not be had are asked for again.
    signer.catch(() => signers.delete(bucket))
  }
  return signer
}

/** Has the SDK sign one URL: by its rules for endpoints, that is where the bucket is. */
async function createSigner({ name, presigner: client }: Bucket): Promise<Signer> {
  const base = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: name, Key: '_' })))
  base.search = ''
  base.pathname = base.pathname.slice(0, -1)
  return { base, presigner: new S3RequestPresigner(client.config) }
}
