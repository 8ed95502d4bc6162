import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PutPublicAccessBlockCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getObject, headObject } from '@/lib/s3/objects'
import { presignPost } from '@/lib/s3/presign'
import { differs } from './known-differences'
import {
  dropField,
  type Form,
  type FormAnswer,
  fieldOf,
  type PolicyOptions,
  setField,
  signForm,
  submit,
  toForm,
} from './post-form'
import { openSubject, type Subject } from './subject'

let it: Subject
let key: string
const contentType = 'image/png'

beforeAll(async () => {
  it = await openSubject()
})

beforeEach(() => {
  key = `incoming/person/${randomUUID()}`
})

afterAll(() => it.end())

/** Returns a form that the app issues: this key, a PNG, 1 to 10 bytes. */
async function issuedForm(content: BlobPart = 'meow', expiresInSeconds = 60): Promise<Form> {
  const { url, fields } = await presignPost(it.bucket, key, { contentType, maxBytes: 10, expiresInSeconds })
  return toForm(url, fields, content)
}

function signedForm(options: Partial<PolicyOptions> = {}): Form {
  return signForm({ endpoint: it.endpoint, ...it.account }, it.bucket.name, { key, contentType, ...options })
}

/** Sends a form and expects that no object was created or changed. */
async function submitWithoutEffect(form: Form): Promise<FormAnswer> {
  const before = await it.everything()
  const answer = await submit(form)
  expect(await it.everything()).toEqual(before)
  return answer
}

describe('a form from the app', () => {
  test('is stored under its key, byte for byte, only with the type of its field', async () => {
    const content = Uint8Array.from([0, 13, 10, 255, 0x2d, 0x2d, 13, 10])
    expect(await submit(await issuedForm(content))).toMatchObject({ status: 204 })
    const stored = await getObject(it.bucket, key, 10)
    const etag = createHash('md5').update(content).digest('hex')
    expect(stored).toMatchObject({ bytes: Buffer.from(content), contentType, size: 8, etag })
    const { headers } = await it.sendSigned({ method: 'HEAD', path: it.pathOf(key) })
    const extras = Object.keys(headers).filter((name) => /^(x-amz-meta-|cache-control|content-disp|expires)/.test(name))
    expect(extras).toEqual([])
  })

  test('gets the ETag in a response header', async () => {
    const { headers } = await submit(await issuedForm())
    const etag = createHash('md5').update('meow').digest('hex')
    expect(headers.get('etag')).toBe(differs('post-etag') ? null : `"${etag}"`)
  })

  test('passes if it is signed by the specification instead of the SDK', async () => {
    expect(await submit(signedForm())).toMatchObject({ status: 204 })
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 4, contentType })
  })

  test('S3 can have one byte, and the maximum size', async () => {
    for (const content of ['a', 'abcdefghij']) {
      expect(await submit(await issuedForm(content))).toMatchObject({ status: 204 })
      expect(await headObject(it.bucket, key)).toMatchObject({ size: content.length })
    }
  })

  test('S4 is stored with the type of its field, not of its file part', async () => {
    const form = await issuedForm('<script>')
    await submit(form)
    expect(await headObject(it.bucket, key)).toMatchObject({ contentType })
  })

  test('S7 contains no ACL, and is stored in a bucket that blocks public access', async () => {
    const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
    await it.s3.send(new PutPublicAccessBlockCommand({ Bucket: it.bucket.name, PublicAccessBlockConfiguration: all }))
    const form = await issuedForm()
    const policy = Buffer.from(fieldOf(form, 'Policy'), 'base64').toString()
    expect(form.fields.map(([name]) => name.toLowerCase())).not.toContain('acl')
    expect(policy).not.toMatch(/acl/i)
    expect(await submit(form)).toMatchObject({ status: 204 })
  })

  // This is why the app works on a copy.
  test('can be sent again until it expires, and overwrites the object', async () => {
    await submit(await issuedForm('meow'))
    const before = await headObject(it.bucket, key)
    expect(await submit(await issuedForm('purr!'))).toMatchObject({ status: 204 })
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 5 })
    expect((await headObject(it.bucket, key))?.etag).not.toBe(before?.etag)
  })

  test('is stored together with nineteen parallel forms', async () => {
    const prefix = key
    const forms: Form[] = []
    for (let index = 0; index < 20; index += 1) {
      key = `${prefix}/${index}`
      forms.push(await issuedForm(`file ${index}`))
    }
    const answers = await Promise.all(forms.map(submit))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(204))
    for (let index = 0; index < 20; index += 1) {
      const stored = await getObject(it.bucket, `${prefix}/${index}`, 10)
      expect(Buffer.from(stored?.bytes ?? []).toString()).toBe(`file ${index}`)
    }
  })

  test('S5 is rejected after it expired', async () => {
    const form = await issuedForm('meow', 2)
    expect(await submit(form)).toMatchObject({ status: 204 })
    await sleep(3_100)
    const answer = await submitWithoutEffect(form)
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
})

/** The expected rejection. `rejected` is 400 or 403: servers differ, and the app does not depend on it. */
type Rejection = 403 | 'rejected' | 'EntityTooLarge' | 'EntityTooSmall'

function expectRejection({ status, code }: FormAnswer, rejection: Rejection): void {
  if (rejection === 403) expect(status).toBe(403)
  else if (rejection === 'rejected') expect([400, 403]).toContain(status)
  // The upload page shows messages of their own for these two codes.
  else expect({ status, code }).toEqual({ status: 400, code: rejection })
}

type Case = [what: string, rejection: Rejection, change: (form: Form) => void]

/** Each case changes one thing in a form from the app. */
const changed: Case[] = [
  ['S1 another key of the same person', 403, (f) => setField(f, 'key', `${key}x`)],
  ['S1 a key below its own', 403, (f) => setField(f, 'key', `${key}/x`)],
  ['S1 a key of another person', 403, (f) => setField(f, 'key', 'incoming/somebody/1')],
  ['S1 a key of another stage', 403, (f) => setField(f, 'key', 'users/person/v1/entries/x')],
  ['S1 a key in upper case', 403, (f) => setField(f, 'key', key.toUpperCase())],
  ['S1 a key with a leading slash', 403, (f) => setField(f, 'key', `/${key}`)],
  ['S1 another bucket in the URL', 403, (f) => setUrlBucket(f, it.otherBucket.name)],
  ['S2 a key with the name of the file', 403, (f) => setField(f, 'key', `${key}\${filename}`)],
  ['S3 one byte too many', 'EntityTooLarge', (f) => setFile(f, 'abcdefghijk')],
  ['S3 a hundred thousand times too many bytes', 'EntityTooLarge', (f) => setFile(f, Buffer.alloc(1_000_000))],
  ['S3 an empty file', 'EntityTooSmall', (f) => setFile(f, '')],
  ['S4 another image type', 403, (f) => setField(f, 'Content-Type', 'image/jpeg')],
  ['S4 text/html', 403, (f) => setField(f, 'Content-Type', 'text/html')],
  ['S4 SVG', 403, (f) => setField(f, 'Content-Type', 'image/svg+xml')],
  ['S4 a second type after the first', 403, (f) => setField(f, 'Content-Type', 'image/png, text/html')],
  ['S4 an empty type', 403, (f) => setField(f, 'Content-Type', '')],
  ['S6 no type', 403, (f) => dropField(f, 'Content-Type')],
  ['S6 no key', 'rejected', (f) => dropField(f, 'key')],
  ['S6 no policy', 'rejected', (f) => dropField(f, 'policy')],
  ['S6 no signature', 'rejected', (f) => dropField(f, 'x-amz-signature')],
  ['S6 no credential', 'rejected', (f) => dropField(f, 'x-amz-credential')],
  ['S6 no algorithm', 'rejected', (f) => dropField(f, 'x-amz-algorithm')],
  ['S6 no date', 'rejected', (f) => dropField(f, 'x-amz-date')],
  ['S6 neither policy nor signature', 403, dropSignature],
  ['S6 the key twice', 'rejected', (f) => f.fields.push(['key', 'users/person/x'])],
  ['the file in another field', 'rejected', (f) => f.file && Object.assign(f.file, { name: 'picture' })],
  ['all fields after the file', 'rejected', sendFileFirst],
  ['the policy after the file', 'rejected', (f) => moveAfterFile(f, 'policy')],
  ['a policy that allows more, with the old signature', 403, (f) => tamperPolicy(f, '10]', '99]')],
  ['a policy of another key, with the old signature', 403, (f) => tamperPolicy(f, key, `${key}x`)],
  ['one flipped bit in the signature', 403, (f) => flip(f, 'x-amz-signature')],
  ['an empty signature', 403, (f) => setField(f, 'x-amz-signature', '')],
  ['another day in the date', 'rejected', (f) => setField(f, 'x-amz-date', '20200101T000000Z')],
  ['the credential of another account', 403, (f) => setOtherAccount(f)],
  ['another algorithm', 'rejected', (f) => setField(f, 'x-amz-algorithm', 'AWS4-HMAC-SHA1')],
]

const extraFields: [name: string, value: string][] = [
  ['acl', 'public-read'],
  ['acl', 'private'],
  ['Cache-Control', 'max-age=31536000'],
  ['Content-Disposition', 'inline'],
  ['Content-Encoding', 'gzip'],
  ['Expires', 'Thu, 01 Jan 2032 00:00:00 GMT'],
  ['x-amz-meta-name', 'cat'],
  ['x-amz-storage-class', 'STANDARD'],
  ['x-amz-server-side-encryption', 'AES256'],
  ['x-amz-website-redirect-location', 'https://evil.example'],
  ['x-amz-security-token', 'made-up'],
  ['tagging', '<Tagging><TagSet></TagSet></Tagging>'],
  ['success_action_redirect', 'https://evil.example'],
  ['success_action_status', '201'],
  ['redirect', 'https://evil.example'],
  ['anything', 'else'],
]

describe('a form is rejected and leaves nothing behind with', () => {
  test.each(changed)('%s', async (_, rejection, change) => {
    const form = await issuedForm()
    change(form)
    expectRejection(await submitWithoutEffect(form), rejection)
  })

  test.each(extraFields)('S6 the extra field %s = %s', async (name, value) => {
    const form = await issuedForm()
    setField(form, name, value)
    expectRejection(await submitWithoutEffect(form), name === 'x-amz-security-token' ? 'rejected' : 403)
  })
})

/** Policies that the app does not sign, or that another account signed. */
const policies: [what: string, rejection: Rejection, options: () => Partial<PolicyOptions>][] = [
  ['with another secret', 403, () => ({ signing: { secretAccessKey: 'guess' } })],
  ['from an unknown account', 403, () => ({ signing: { accessKeyId: 'SOMEBODY' } })],
  ['S5 that has expired', 403, () => ({ expiration: new Date(Date.now() - 2_000).toISOString() })],
  ['S6 without a condition for the type', 403, () => ({ conditions: [['eq', '$key', key]] })],
  ['S6 without a condition for the key', 403, () => ({ conditions: [{ 'Content-Type': contentType }] })],
  ['with a condition for a missing field', 403, () => ({ conditions: [...exact(), { 'x-amz-meta-a': 'b' }] })],
  ['with another key prefix', 403, () => ({ conditions: [['starts-with', '$key', 'users/'], exact()[1]] })],
  ['for another bucket', 403, () => ({ conditions: [...exact(), { bucket: 'others' }] })],
  [
    'that requires 20 bytes or more',
    'rejected',
    () => ({ conditions: [...exact(), ['content-length-range', 20, 30]] }),
  ],
  ['without an expiration', 'rejected', () => ({ expiration: undefined })],
  ['with an expiration that is not a date', 'rejected', () => ({ expiration: 'tomorrow' })],
  ['without conditions', 'rejected', () => ({ conditions: null })],
  ['with an unknown operator', 'rejected', () => ({ conditions: [...exact(), ['ends-with', '$key', 'x']] })],
  ['that is not JSON', 'rejected', () => ({ policyText: Buffer.from('{').toString('base64') })],
  ['that is not base64', 'rejected', () => ({ policyText: '%%%' })],
]

describe('a policy is rejected and leaves nothing behind', () => {
  test.each(policies)('%s', async (_, rejection, options) => {
    expectRejection(await submitWithoutEffect(signedForm(options())), rejection)
  })
})

test('S1 rejects a form with another bucket in its bucket field than in its URL', async () => {
  const form = await issuedForm()
  setField(form, 'bucket', it.otherBucket.name)
  if (differs('post-bucket-field')) {
    expect(await submit(form)).toMatchObject({ status: 204 })
    expect(await headObject(it.otherBucket, key)).toBeNull()
  } else {
    expect(await submitWithoutEffect(form)).toMatchObject({ status: 403 })
  }
})

test('rejects a form without a file', async () => {
  const form = await issuedForm()
  form.file = null
  if (differs('post-without-file')) {
    expect(await submit(form)).toMatchObject({ status: 204 })
    expect(await getObject(it.bucket, key, 10)).toMatchObject({ bytes: Buffer.from([13, 10]), contentType })
  } else {
    expect(await submitWithoutEffect(form)).toMatchObject({ status: 400 })
  }
})

test('rejects a policy signed for another region', async () => {
  const form = signedForm({ signing: { region: 'xx-nowhere-1' } })
  if (differs('any-region')) expect(await submit(form)).toMatchObject({ status: 204 })
  else expectRejection(await submitWithoutEffect(form), 'rejected')
})

test('has different codes for a wrong signature and a failed condition', async () => {
  const answer = await submitWithoutEffect(signedForm({ signing: { secretAccessKey: 'guess' } }))
  expect(answer.code).toBe(differs('post-signature-code') ? 'AccessDenied' : 'SignatureDoesNotMatch')
})

test('enforces a starts-with condition for the key', async () => {
  const conditions = [['starts-with', '$key', 'incoming/person/'], exact()[1]]
  expect(await submit(signedForm({ conditions }))).toMatchObject({ status: 204 })
  const outside = signedForm({ conditions })
  setField(outside, 'key', 'incoming/persona/x')
  expect(await submitWithoutEffect(outside)).toMatchObject({ status: 403 })
})

test('S6 ignores fields after the file', async () => {
  const form = await issuedForm()
  form.afterFile = [
    ['key', 'users/person/x'],
    ['acl', 'public-read'],
    ['x-amz-meta-late', 'x'],
  ]
  expect(await submit(form)).toMatchObject({ status: 204 })
  expect(await headObject(it.bucket, 'users/person/x')).toBeNull()
  const { headers } = await it.sendSigned({ method: 'HEAD', path: it.pathOf(key) })
  expect(headers['x-amz-meta-late']).toBeUndefined()
})

test('rejects a form to a missing bucket', async () => {
  const form = await issuedForm()
  setUrlBucket(form, 'no-such-bucket-of-anyhost')
  expect(await submitWithoutEffect(form)).toMatchObject({ status: 404, code: 'NoSuchBucket' })
})

const exact = () => [
  ['eq', '$key', key],
  ['eq', '$Content-Type', contentType],
]

function setFile(form: Form, content: BlobPart): void {
  form.file = { name: 'file', content, filename: 'x' }
}

function setUrlBucket(form: Form, bucket: string): void {
  form.url = form.url.replace(it.bucket.name, bucket)
}

function dropSignature(form: Form): void {
  form.fields = form.fields.filter(([name]) => name === 'key' || name === 'Content-Type')
}

function moveAfterFile(form: Form, name: string): void {
  form.afterFile = [[name, fieldOf(form, name)]]
  dropField(form, name)
}

function sendFileFirst(form: Form): void {
  form.afterFile = form.fields
  form.fields = []
}

/** Changes the policy and keeps its signature. */
function tamperPolicy(form: Form, from: string, to: string): void {
  const text = Buffer.from(fieldOf(form, 'policy'), 'base64').toString()
  const tampered = text.replace(from, to)
  if (tampered === text) throw new Error(`The policy does not contain ${from}: ${text}`)
  setField(form, 'policy', Buffer.from(tampered).toString('base64'))
}

function flip(form: Form, name: string): void {
  setField(
    form,
    name,
    fieldOf(form, name).replace(/.$/, (last) => (Number.parseInt(last, 16) ^ 1).toString(16)),
  )
}

function setOtherAccount(form: Form): void {
  const credential = fieldOf(form, 'x-amz-credential')
  setField(form, 'x-amz-credential', credential.replace(it.account.accessKeyId, 'SOMEBODY'))
}
