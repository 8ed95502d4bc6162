import type { IncomingMessage } from 'node:http'
import type { Bucket } from './buckets'
import { ChecksumSet, readDeclaredChecksums } from './checksums'
import { writeDraft } from './disk'
import { StoreError } from './errors'
import type { Exchange } from './exchange'
import { readObjectHeaders, rejectUnsupportedHeaders, toHeaderBytes } from './object-headers'
import { maxObjectBytes } from './payload'
import { type PostForm, readPostForm } from './post-form'
import { checkPolicy, type SizeRange } from './post-policy'
import { sendEmpty, sendXml } from './respond'
import { type Account, algorithm, createSigner, parseAmzDate, requireCredential, sameSignature } from './signature'
import { encodeKey, requireValidKey } from './target'
import { leaf, xmlDocument } from './xml'

/**
 * Handles a form upload of a browser. Verifies signature and policy before it reads the file.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export async function postObject(exchange: Exchange): Promise<void> {
  const { request, buckets, target, account, now } = exchange
  const form = await readPostForm(request)
  try {
    const { fields } = form
    await requireSignedPolicy(fields, account)
    const bucket = buckets.get(target.bucket)
    const key = fields.get('key')
    if (!key) throw missingField('key')
    requireValidKey(key)
    const range = checkPolicy(fields.get('policy') ?? '', fields, bucket.name, now(), maxObjectBytes)
    const etag = await storeFile(exchange, bucket, key, form, range)
    respond(exchange, fields, key, etag)
  } finally {
    form.abandon()
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html */
async function requireSignedPolicy(fields: ReadonlyMap<string, string>, account: Account): Promise<void> {
  const policy = fields.get('policy')
  if (policy === undefined) throw new StoreError('AccessDenied')
  if (fields.has('awsaccesskeyid')) {
    throw new StoreError('InvalidRequest', `The authorization mechanism is not supported. Please use ${algorithm}.`)
  }
  if (fields.has('x-amz-security-token')) throw new StoreError('InvalidToken')
  const field = (name: string) => {
    const value = fields.get(name)
    if (value === undefined) throw missingField(name)
    return value
  }
  if (field('x-amz-algorithm') !== algorithm) {
    throw new StoreError('InvalidArgument', `x-amz-algorithm only supports "${algorithm}"`)
  }
  const signedAt = parseAmzDate(field('x-amz-date'))
  if (!signedAt) throw new StoreError('InvalidArgument', 'x-amz-date must look like 20261122T180000Z')
  requireCredential(field('x-amz-credential'), account, signedAt, 'InvalidArgument')
  const expected = await createSigner(account).sign(policy, { signingDate: signedAt })
  if (!sameSignature(expected, field('x-amz-signature'))) throw new StoreError('SignatureDoesNotMatch')
}

function missingField(name: string): StoreError {
  const hint = 'If it is specified, please check the order of the fields.'
  return new StoreError('InvalidArgument', `Bucket POST must contain a field named '${name}'. ${hint}`)
}

async function storeFile(
  { buckets, now }: Exchange,
  bucket: Bucket,
  key: string,
  form: PostForm,
  range: SizeRange,
): Promise<string> {
  const fields = Object.fromEntries([...form.fields].map(([name, value]) => [name, toHeaderBytes(value)]))
  rejectUnsupportedHeaders(fields)
  const headers = readObjectHeaders(fields)
  const checksums = readDeclaredChecksums(fields)
  const sums = new ChecksumSet(Object.keys(checksums))
  const draft = await writeDraft(buckets.temporaryDirectory, withinRange(form.file, range, sums), () => {
    sums.requireMatch(checksums)
    return { key, lastModified: now().getTime(), headers, checksums }
  })
  await bucket.commit(draft, () => undefined)
  return draft.record.etag
}

/** @throws StoreError at the first byte over the range, or at the end of a file below it */
async function* withinRange(
  file: AsyncIterable<Buffer>,
  { minBytes, maxBytes }: SizeRange,
  sums: ChecksumSet,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of file) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new StoreError('EntityTooLarge', undefined, { ProposedSize: bytes, MaxSizeAllowed: maxBytes })
    }
    sums.update(chunk)
    yield chunk
  }
  if (bytes < minBytes) {
    throw new StoreError('EntityTooSmall', undefined, { ProposedSize: bytes, MinSizeAllowed: minBytes })
  }
}

/** Responds with 204, or with 200, 201 or a redirect if the form requests it. Other values are ignored. */
function respond(exchange: Exchange, fields: ReadonlyMap<string, string>, key: string, etag: string): void {
  const { request, response, target } = exchange
  const status = fields.get('success_action_status')
  const redirect = toRedirect(fields.get('success_action_redirect') ?? fields.get('redirect'))
  response.setHeader('etag', etag)
  if (redirect) {
    redirect.searchParams.append('bucket', target.bucket)
    redirect.searchParams.append('key', key)
    redirect.searchParams.append('etag', etag)
  }
  const location = redirect?.href ?? `http://${request.headers.host}/${target.bucket}/${encodeKey(key)}`
  response.setHeader('location', location)
  if (redirect) sendEmpty(response, 303)
  else if (status === '201') sendXml(response, 201, postResponse(location, target.bucket, key, etag))
  else sendEmpty(response, status === '200' ? 200 : 204)
}

function postResponse(location: string, bucket: string, key: string, etag: string): string {
  const parts = [leaf('Location', location), leaf('Bucket', bucket), leaf('Key', key), leaf('ETag', etag)]
  return xmlDocument('PostResponse', parts)
}

function toRedirect(url: string | undefined): URL | undefined {
  if (!url || !URL.canParse(url)) return undefined
  const parsed = new URL(url)
  return ['http:', 'https:'].includes(parsed.protocol) ? parsed : undefined
}

/** Returns whether a request is a form upload, which contains its signature in a field. */
export function isFormUpload(request: IncomingMessage): boolean {
  return request.method === 'POST' && /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
}
