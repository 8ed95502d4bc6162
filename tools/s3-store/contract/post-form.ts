import { createHmac } from 'node:crypto'
import { amzDate, credentialOf, type Signing, signingKey } from '@/tools/s3-store/signed-request'

/** An upload form as a browser sends it. */
export interface Form {
  url: string
  fields: [name: string, value: string][]
  file: { name: string; content: BlobPart; filename: string } | null
  /** Fields after the file. */
  afterFile: [name: string, value: string][]
  /** The origin of the page that sends the form. */
  origin?: string
}

export interface FormAnswer {
  status: number
  /** S3's `<Code>`. */
  code: string | undefined
  text: string
  headers: Headers
}

/** The content of a policy and the account that signs it. */
export interface PolicyOptions {
  key: string
  contentType: string
  expiration?: unknown
  /** Default: exact key, exact type and 1 to 10 bytes. */
  conditions?: unknown
  /** Further top-level properties of the policy. */
  extraPolicy?: Record<string, unknown>
  /** The whole policy, already in base64. */
  policyText?: string
  signing?: Partial<Pick<Signing, 'region' | 'accessKeyId' | 'secretAccessKey'>>
}

/** Creates a form with signed fields and a small file. */
export function toForm(url: string, fields: Record<string, string>, content: BlobPart = 'meow'): Form {
  return {
    url,
    fields: Object.entries(fields),
    file: { name: 'file', content, filename: 'my cat.png' },
    afterFile: [],
  }
}

/**
 * Creates and signs a form with node:crypto only, following the specification. Unlike the SDK, it can create invalid
 * policies.
 */
export function signForm(
  store: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string },
  bucket: string,
  options: PolicyOptions,
): Form {
  const { key, contentType } = options
  const signedAt = new Date()
  const { region, accessKeyId, secretAccessKey } = { ...store, ...options.signing }
  const signing = { method: '', path: '', headers: {}, payloadHash: '', signedAt, region, accessKeyId, secretAccessKey }
  const signed = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credentialOf(signing),
    'x-amz-date': amzDate(signedAt),
  }
  const commonConditions = [{ bucket }, ...Object.entries(signed).map(([name, value]) => ({ [name]: value }))]
  const conditions =
    'conditions' in options
      ? options.conditions
      : [
          ['eq', '$key', key],
          ['eq', '$Content-Type', contentType],
          ['content-length-range', 1, 10],
        ]
  const document = {
    expiration: 'expiration' in options ? options.expiration : new Date(Date.now() + 60_000).toISOString(),
    conditions: Array.isArray(conditions) ? [...commonConditions, ...conditions] : conditions,
    ...options.extraPolicy,
  }
  const policy = options.policyText ?? Buffer.from(JSON.stringify(document)).toString('base64')
  const signature = createHmac('sha256', signingKey(signing)).update(policy).digest('hex')
  const fields = { key, 'Content-Type': contentType, ...signed, policy, 'x-amz-signature': signature }
  return toForm(`${store.endpoint}/${bucket}`, fields)
}

/** Sends a form. Its file part declares the type HTML, because only the Content-Type field of the form counts. */
export async function submit(form: Form): Promise<FormAnswer> {
  const body = new FormData()
  for (const [name, value] of form.fields) body.append(name, value)
  if (form.file) body.append(form.file.name, new Blob([form.file.content], { type: 'text/html' }), form.file.filename)
  for (const [name, value] of form.afterFile) body.append(name, value)
  const headers: Record<string, string> = form.origin === undefined ? {} : { origin: form.origin }
  const answer = await fetch(form.url, { method: 'POST', body, headers, redirect: 'manual' })
  const text = await answer.text()
  return { status: answer.status, code: /<Code>(\w+)</.exec(text)?.[1], text, headers: answer.headers }
}

/** Sets a field in place, or appends it. Field names are case-insensitive. */
export function setField(form: Form, name: string, value: string): void {
  const existing = form.fields.find(([other]) => sameName(other, name))
  if (existing) existing[1] = value
  else form.fields.push([name, value])
}

export function fieldOf(form: Form, name: string): string {
  return form.fields.find(([other]) => sameName(other, name))?.[1] ?? ''
}

export function dropField(form: Form, name: string): void {
  form.fields = form.fields.filter(([other]) => !sameName(other, name))
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
