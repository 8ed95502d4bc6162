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

/** The form that the app issues: this key, a PNG, 1 to 10 bytes. */
async function issuedForm(content: BlobPart = 'meow', expiresInSeconds = 60): Promise<Form> {
  const { url, fields } = await presignPost(it.bucket, key, { contentType, maxBytes: 10, expiresInSeconds })
  return toForm(url, fields, content)
}

function signedForm(options: Partial<PolicyOptions> = {}): Form {
  return signForm({ endpoint: it.endpoint, ...it.account }, it.bucket.name, { key, contentType, ...options })
}

/** Sends a form that must not leave a trace. */
async function submitInVain(form: Form): Promise<FormAnswer> {
  const before = await it.everything()
  const answer = await submit(form)
  expect(await it.everything()).toEqual(before)
  return answer
}

describe('a form as the app issues it', () => {
  test('is stored under its key, byte for byte, with the type of its field and nothing else', async () => {
    const content = Uint8Array.from([0, 13, 10, 255, 0x2d, 0x2d, 13, 10])
    expect(await submit(await issuedForm(content))).toMatchObject({ status: 204 })
    const stored = await getObject(it.bucket, key, 10)
    const etag = createHash('md5').update(content).digest('hex')
    expect(stored).toMatchObject({ bytes: Buffer.from(content), contentType, size: 8, etag })
    const { headers } = await it.sendSigned({ method: 'HEAD', path: it.pathOf(key) })
    const extras = Object.keys(headers).filter((name) => /^(x-amz-meta-|cache-control|content-disp|expires)/.test(name))
    expect(extras).toEqual([])
  })

  test('gets the ETag in the answer’s header', async () => {
    const { headers } = await submit(await issuedForm())
    const etag = createHash('md5').update('meow').digest('hex')
    expect(headers.get('etag')).toBe(differs('post-etag') ? null : `"${etag}"`)
  })

  test('signed from the specification alone is the same to the store', async () => {
    expect(await submit(signedForm())).toMatchObject({ status: 204 })
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 4, contentType })
  })

  test('S3 may hold one byte, and exactly as many as allowed', async () => {
    for (const content of ['a', 'abcdefghij']) {
      expect(await submit(await issuedForm(content))).toMatchObject({ status: 204 })
      expect(await headObject(it.bucket, key)).toMatchObject({ size: content.length })
    }
  })

  test('S4 is stored as what its field says, whatever its file part claims', async () => {
    const form = await issuedForm('<script>')
    await submit(form)
    expect(await headObject(it.bucket, key)).toMatchObject({ contentType })
  })

  test('S7 names no ACL, and is stored where public access is blocked', async () => {
    const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
    await it.s3.send(new PutPublicAccessBlockCommand({ Bucket: it.bucket.name, PublicAccessBlockConfiguration: all }))
    const form = await issuedForm()
    const policy = Buffer.from(fieldOf(form, 'Policy'), 'base64').toString()
    expect(form.fields.map(([name]) => name.toLowerCase())).not.toContain('acl')
    expect(policy).not.toMatch(/acl/i)
    expect(await submit(form)).toMatchObject({ status: 204 })
  })

  test('may be sent again until it expires, and overwrites: that is why the app works on a copy', async () => {
    await submit(await issuedForm('meow'))
    const before = await headObject(it.bucket, key)
    expect(await submit(await issuedForm('purr!'))).toMatchObject({ status: 204 })
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 5 })
    expect((await headObject(it.bucket, key))?.etag).not.toBe(before?.etag)
  })

  test('is stored whatever else is in flight', async () => {
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

  test('S5 is refused once its time is over', async () => {
    const form = await issuedForm('meow', 2)
    expect(await submit(form)).toMatchObject({ status: 204 })
    await sleep(3_100)
    const answer = await submitInVain(form)
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
})

/** How a refusal must look: `refused` where servers differ between 400 and 403 and nothing hangs on it. */
type Refusal = 403 | 'refused' | 'EntityTooLarge' | 'EntityTooSmall'

function expectRefusal({ status, code }: FormAnswer, refusal: Refusal): void {
  if (refusal === 403) expect(status).toBe(403)
  else if (refusal === 'refused') expect([400, 403]).toContain(status)
  // The upload page tells these two from all other refusals.
  else expect({ status, code }).toEqual({ status: 400, code: refusal })
}

type Case = [what: string, refusal: Refusal, change: (form: Form) => void]

/** Each starts from the form that the app issues, and changes one thing. */
const changed: Case[] = [
  ['S1 another key of the same person', 403, (f) => setField(f, 'key', `${key}x`)],
  ['S1 a key below its own', 403, (f) => setField(f, 'key', `${key}/x`)],
  ['S1 a key of somebody else', 403, (f) => setField(f, 'key', 'incoming/somebody/1')],
  ['S1 a key of another stage', 403, (f) => setField(f, 'key', 'users/person/v1/entries/x')],
  ['S1 a key in other case', 403, (f) => setField(f, 'key', key.toUpperCase())],
  ['S1 a key with a slash before it', 403, (f) => setField(f, 'key', `/${key}`)],
  ['S1 another bucket in the address', 403, (f) => setAddress(f, it.otherBucket.name)],
  ['S2 a key made of the file’s name', 403, (f) => setField(f, 'key', `${key}\${filename}`)],
  ['S3 one byte too many', 'EntityTooLarge', (f) => setFile(f, 'abcdefghijk')],
  ['S3 a hundred thousand times too much', 'EntityTooLarge', (f) => setFile(f, Buffer.alloc(1_000_000))],
  ['S3 nothing in the file', 'EntityTooSmall', (f) => setFile(f, '')],
  ['S4 another image type', 403, (f) => setField(f, 'Content-Type', 'image/jpeg')],
  ['S4 text/html', 403, (f) => setField(f, 'Content-Type', 'text/html')],
  ['S4 SVG', 403, (f) => setField(f, 'Content-Type', 'image/svg+xml')],
  ['S4 a type with something behind it', 403, (f) => setField(f, 'Content-Type', 'image/png, text/html')],
  ['S4 an empty type', 403, (f) => setField(f, 'Content-Type', '')],
  ['S6 no type', 403, (f) => dropField(f, 'Content-Type')],
  ['S6 no key', 'refused', (f) => dropField(f, 'key')],
  ['S6 no policy', 'refused', (f) => dropField(f, 'policy')],
  ['S6 no signature', 'refused', (f) => dropField(f, 'x-amz-signature')],
  ['S6 no credential', 'refused', (f) => dropField(f, 'x-amz-credential')],
  ['S6 no algorithm', 'refused', (f) => dropField(f, 'x-amz-algorithm')],
  ['S6 no date', 'refused', (f) => dropField(f, 'x-amz-date')],
  ['S6 neither policy nor signature', 403, dropSignature],
  ['S6 the key twice', 'refused', (f) => f.fields.push(['key', 'users/person/x'])],
  ['a file under another name', 'refused', (f) => f.file && Object.assign(f.file, { name: 'picture' })],
  ['all fields behind the file', 'refused', sendFileFirst],
  ['the policy behind the file', 'refused', (f) => moveBehind(f, 'policy')],
  ['a policy that allows more, not signed anew', 403, (f) => tamperPolicy(f, '10]', '99]')],
  ['a policy of another key, not signed anew', 403, (f) => tamperPolicy(f, key, `${key}x`)],
  ['one flipped bit in the signature', 403, (f) => flip(f, 'x-amz-signature')],
  ['an empty signature', 403, (f) => setField(f, 'x-amz-signature', '')],
  ['another day in the date', 'refused', (f) => setField(f, 'x-amz-date', '20200101T000000Z')],
  ['a stranger’s credential', 403, (f) => setStranger(f)],
  ['another algorithm', 'refused', (f) => setField(f, 'x-amz-algorithm', 'AWS4-HMAC-SHA1')],
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

describe('a form is refused and leaves nothing behind with', () => {
  test.each(changed)('%s', async (_, refusal, change) => {
    const form = await issuedForm()
    change(form)
    expectRefusal(await submitInVain(form), refusal)
  })

  test.each(extraFields)('S6 a field more: %s = %s', async (name, value) => {
    const form = await issuedForm()
    setField(form, name, value)
    expectRefusal(await submitInVain(form), name === 'x-amz-security-token' ? 'refused' : 403)
  })
})

/** Each is a policy that the app would not sign, or that somebody else did. */
const policies: [what: string, refusal: Refusal, options: () => Partial<PolicyOptions>][] = [
  ['of another secret', 403, () => ({ signing: { secretAccessKey: 'guess' } })],
  ['of an unknown account', 403, () => ({ signing: { accessKeyId: 'SOMEBODY' } })],
  ['S5 that has expired', 403, () => ({ expiration: new Date(Date.now() - 2_000).toISOString() })],
  ['S6 that says nothing of the type', 403, () => ({ conditions: [['eq', '$key', key]] })],
  ['S6 that says nothing of the key', 403, () => ({ conditions: [{ 'Content-Type': contentType }] })],
  ['that names a field nobody sent', 403, () => ({ conditions: [...exact(), { 'x-amz-meta-a': 'b' }] })],
  ['whose start the key has not', 403, () => ({ conditions: [['starts-with', '$key', 'users/'], exact()[1]] })],
  ['that names another bucket', 403, () => ({ conditions: [...exact(), { bucket: 'others' }] })],
  ['that allows 20 bytes and up', 'refused', () => ({ conditions: [...exact(), ['content-length-range', 20, 30]] })],
  ['without an expiration', 'refused', () => ({ expiration: undefined })],
  ['that expires in words', 'refused', () => ({ expiration: 'tomorrow' })],
  ['without conditions', 'refused', () => ({ conditions: null })],
  ['with an unknown operator', 'refused', () => ({ conditions: [...exact(), ['ends-with', '$key', 'x']] })],
  ['that is no JSON', 'refused', () => ({ policyText: Buffer.from('{').toString('base64') })],
  ['that is no base64', 'refused', () => ({ policyText: '%%%' })],
]

describe('a policy is refused and leaves nothing behind', () => {
  test.each(policies)('%s', async (_, refusal, options) => {
    expectRefusal(await submitInVain(signedForm(options())), refusal)
  })
})

test('S1 a form whose bucket field names another bucket than its address is refused', async () => {
  const form = await issuedForm()
  setField(form, 'bucket', it.otherBucket.name)
  if (differs('post-bucket-field')) {
    expect(await submit(form)).toMatchObject({ status: 204 })
    expect(await headObject(it.otherBucket, key)).toBeNull()
  } else {
    expect(await submitInVain(form)).toMatchObject({ status: 403 })
  }
})

test('a form without a file is refused', async () => {
  const form = await issuedForm()
  form.file = null
  if (differs('post-without-file')) {
    expect(await submit(form)).toMatchObject({ status: 204 })
    expect(await getObject(it.bucket, key, 10)).toMatchObject({ bytes: Buffer.from([13, 10]), contentType })
  } else {
    expect(await submitInVain(form)).toMatchObject({ status: 400 })
  }
})

test('a policy signed for another region is refused', async () => {
  const form = signedForm({ signing: { region: 'xx-nowhere-1' } })
  if (differs('any-region')) expect(await submit(form)).toMatchObject({ status: 204 })
  else expectRefusal(await submitInVain(form), 'refused')
})

test('a policy signed with another secret is told from one that forbids', async () => {
  const answer = await submitInVain(signedForm({ signing: { secretAccessKey: 'guess' } }))
  expect(answer.code).toBe(differs('post-signature-code') ? 'AccessDenied' : 'SignatureDoesNotMatch')
})

test('a policy that only asks how the key begins is held to that', async () => {
  const conditions = [['starts-with', '$key', 'incoming/person/'], exact()[1]]
  expect(await submit(signedForm({ conditions }))).toMatchObject({ status: 204 })
  const outside = signedForm({ conditions })
  setField(outside, 'key', 'incoming/persona/x')
  expect(await submitInVain(outside)).toMatchObject({ status: 403 })
})

test('S6 fields behind the file have no effect', async () => {
  const form = await issuedForm()
  form.behind = [
    ['key', 'users/person/x'],
    ['acl', 'public-read'],
    ['x-amz-meta-late', 'x'],
  ]
  expect(await submit(form)).toMatchObject({ status: 204 })
  expect(await headObject(it.bucket, 'users/person/x')).toBeNull()
  const { headers } = await it.sendSigned({ method: 'HEAD', path: it.pathOf(key) })
  expect(headers['x-amz-meta-late']).toBeUndefined()
})

test('a form to a bucket that is not there is refused', async () => {
  const form = await issuedForm()
  setAddress(form, 'no-such-bucket-of-anyhost')
  expect(await submitInVain(form)).toMatchObject({ status: 404, code: 'NoSuchBucket' })
})

const exact = () => [
  ['eq', '$key', key],
  ['eq', '$Content-Type', contentType],
]

function setFile(form: Form, content: BlobPart): void {
  form.file = { name: 'file', content, filename: 'x' }
}

function setAddress(form: Form, bucket: string): void {
  form.url = form.url.replace(it.bucket.name, bucket)
}

function dropSignature(form: Form): void {
  form.fields = form.fields.filter(([name]) => name === 'key' || name === 'Content-Type')
}

function moveBehind(form: Form, name: string): void {
  form.behind = [[name, fieldOf(form, name)]]
  dropField(form, name)
}

function sendFileFirst(form: Form): void {
  form.behind = form.fields
  form.fields = []
}

/** Changes what the policy says and leaves its signature. */
function tamperPolicy(form: Form, from: string, to: string): void {
  const text = Buffer.from(fieldOf(form, 'policy'), 'base64').toString()
  const tampered = text.replace(from, to)
  if (tampered === text) throw new Error(`the policy does not say ${from}: ${text}`)
  setField(form, 'policy', Buffer.from(tampered).toString('base64'))
}

function flip(form: Form, name: string): void {
  setField(
    form,
    name,
    fieldOf(form, name).replace(/.$/, (last) => (Number.parseInt(last, 16) ^ 1).toString(16)),
  )
}

function setStranger(form: Form): void {
  const credential = fieldOf(form, 'x-amz-credential')
  setField(form, 'x-amz-credential', credential.replace(it.account.accessKeyId, 'SOMEBODY'))
}
