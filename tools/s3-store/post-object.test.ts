import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  dropField,
  type Form,
  type PolicyOptions,
  setField,
  signForm,
  submit,
} from '@/tools/s3-store/contract/post-form'
import { account, startTestStore, type TestStore } from './test-store'

// The tests that every store must pass are in tools/s3-store/contract/post-policy.contract.test.ts.

let it: TestStore
let runs = 0
let key: string
const contentType = 'image/png'

beforeAll(async () => {
  it = await startTestStore()
})

beforeEach(() => {
  runs += 1
  key = `incoming/user/${runs}`
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

/** Returns the conditions of a correct form: exact key, exact type, 2 to 10 bytes, and those a test adds. */
const usual = (...more: unknown[]) => [
  ['eq', '$key', key],
  ['eq', '$Content-Type', contentType],
  ['content-length-range', 2, 10],
  ...more,
]

function correctForm(options: Partial<PolicyOptions> = {}): Form {
  const store = { endpoint: it.store.endpoint, ...account }
  return signForm(store, it.bucket, { key, contentType, conditions: usual(), ...options })
}

function setFile(form: Form, content: BlobPart, filename = 'x'): Form {
  form.file = { name: 'file', content, filename }
  return form
}

async function storedKeys(): Promise<string[]> {
  const { Contents = [] } = await it.s3.send(new ListObjectsV2Command({ Bucket: it.bucket }))
  return Contents.map((object) => String(object.Key))
}

async function expectNothingLeft(): Promise<void> {
  expect(await storedKeys()).not.toContain(key)
  await expect.poll(() => readdir(join(it.directory, 'temporary'))).toEqual([])
}

describe('a correct form', () => {
  test('gets the location of its file', async () => {
    const answer = await submit(correctForm())
    expect(answer.status).toBe(204)
    expect(answer.headers.get('location')).toBe(`${it.store.endpoint}/${it.bucket}/${key}`)
  })

  test('can contain metadata that a starts-with condition allows', async () => {
    const form = correctForm({ conditions: usual(['starts-with', '$x-amz-meta-name', 'c']) })
    setField(form, 'x-amz-meta-name', 'cat')
    expect(await submit(form)).toMatchObject({ status: 204 })
    const stored = await it.s3.send(new HeadObjectCommand({ Bucket: it.bucket, Key: key }))
    expect(stored.Metadata).toEqual({ name: 'cat' })
  })

  test('can contain x-ignore fields without a condition', async () => {
    const form = correctForm()
    setField(form, 'x-ignore-csrf', 'abc')
    expect(await submit(form)).toMatchObject({ status: 204 })
  })

  test('can have a file of the minimum size', async () => {
    expect(await submit(setFile(correctForm(), 'ab'))).toMatchObject({ status: 204 })
  })

  test('gets 201 with XML, 200, or 204 for any other success_action_status', async () => {
    for (const [requested, status] of Object.entries({ 201: 201, 200: 200, 204: 204, 404: 204 })) {
      const form = correctForm({ conditions: usual(['starts-with', '$success_action_status', '']) })
      setField(form, 'success_action_status', requested)
      const answer = await submit(form)
      expect(answer.status).toBe(status)
      if (status !== 201) continue
      expect(answer.text).toContain(`<Bucket>${it.bucket}</Bucket><Key>${key}</Key>`)
      expect(answer.text).toContain(`<Location>${it.store.endpoint}/${it.bucket}/${key}</Location>`)
      expect(answer.text).toContain(`<ETag>${answer.headers.get('etag')?.replaceAll('"', '&quot;')}</ETag>`)
    }
  })

  test('is redirected to success_action_redirect with bucket, key and etag', async () => {
    const allowed = ['starts-with', '$success_action_redirect', 'http://localhost:3000/']
    const form = correctForm({ conditions: usual(allowed) })
    setField(form, 'success_action_redirect', 'http://localhost:3000/done?a=b')
    const answer = await submit(form)
    expect(answer.status).toBe(303)
    const location = new URL(String(answer.headers.get('location')))
    expect(Object.fromEntries(location.searchParams)).toEqual({
      a: 'b',
      bucket: it.bucket,
      key,
      etag: answer.headers.get('etag'),
    })
  })

  test('can use the filename variable in its key, replaced before the policy is checked', async () => {
    const named = { key: `${key}/\${filename}` }
    const [, ...others] = usual()
    const free = correctForm({ ...named, conditions: [['starts-with', '$key', `${key}/`], ...others] })
    expect(await submit(setFile(free, 'meow', 'C:\\pictures\\größe $& 1.png'))).toMatchObject({ status: 204 })
    expect(await storedKeys()).toContain(`${key}/größe $& 1.png`)
    const literal = correctForm({ ...named, conditions: [['eq', '$key', `${key}/\${filename}`], ...others] })
    expect(await submit(literal)).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
})

type Case = [what: string, status: number, code: string, message: string, form: () => Form]

/** Returns a correct form with one change. */
function changed(change: (form: Form) => void, options?: Partial<PolicyOptions>): Form {
  const form = correctForm(options)
  change(form)
  return form
}

const policyFailed = 'Policy Condition failed: '

/** Checks the messages of this store, and that no incomplete file stays on its disk. */
const rejections: Case[] = [
  ['another key', 403, 'AccessDenied', policyFailed, () => changed((f) => setField(f, 'key', `${key}/other`))],
  ['no type', 403, 'AccessDenied', policyFailed, () => changed((f) => dropField(f, 'Content-Type'))],
  ['an ACL', 403, 'AccessDenied', 'Extra input fields: acl', () => changed((f) => setField(f, 'acl', 'public-read'))],
  [
    'an expired policy',
    403,
    'AccessDenied',
    'Policy expired.',
    () => correctForm({ expiration: '2020-01-01T00:00:00Z' }),
  ],
  ['no key', 400, 'InvalidArgument', 'check the order of the fields', () => changed((f) => dropField(f, 'key'))],
  ['a file too large by one byte', 400, 'EntityTooLarge', '', () => setFile(correctForm(), 'abcdefghijk')],
  ['a file too small by one byte', 400, 'EntityTooSmall', '', () => setFile(correctForm(), 'a')],
  ['no file', 400, 'InvalidArgument', 'exactly one file', () => changed((f) => Object.assign(f, { file: null }))],
  [
    'the key twice',
    400,
    'InvalidArgument',
    'exactly one key',
    () => changed((f) => f.fields.push(['KEY', 'elsewhere'])),
  ],
  [
    'an old signature',
    400,
    'InvalidRequest',
    '',
    () => changed((f) => setField(f, 'AWSAccessKeyId', account.accessKeyId)),
  ],
  [
    'metadata with another prefix',
    403,
    'AccessDenied',
    'starts-with',
    () =>
      changed((f) => setField(f, 'x-amz-meta-name', 'dog'), {
        conditions: usual(['starts-with', '$x-amz-meta-name', 'c']),
      }),
  ],
  [
    'a key that is too long',
    400,
    'KeyTooLongError',
    '',
    () => correctForm({ key: 'k'.repeat(1025), conditions: [['starts-with', '$key', 'k'], usual()[1]] }),
  ],
  [
    'a line break in a stored field',
    400,
    'InvalidArgument',
    'control characters',
    () => correctForm({ contentType: 'image/png\r\nx-evil: 1', conditions: [usual()[0], startsLikeImage] }),
  ],
  [
    'a list of types with one that is not allowed',
    403,
    'AccessDenied',
    policyFailed,
    () => correctForm({ contentType: 'image/png,text/html', conditions: [usual()[0], startsLikeImage] }),
  ],
  [
    'too much before the file',
    400,
    'MaxPostPreDataLengthExceededError',
    '',
    () => changed((f) => setField(f, 'x-ignore-ballast', 'x'.repeat(21_000))),
  ],
]

const startsLikeImage = ['starts-with', '$Content-Type', 'image/']

test.each(rejections)(
  'rejects a form with %s as %d %s and leaves nothing on disk',
  async (_, status, code, message, form) => {
    const answer = await submit(form())
    expect(answer).toMatchObject({ status, code })
    expect(answer.text).toContain(message)
    await expectNothingLeft()
  },
)

const malformedPolicies: [what: string, options: () => Partial<PolicyOptions>][] = [
  ['that is not base64', () => ({ policyText: '%%%' })],
  ['that is not JSON', () => ({ policyText: Buffer.from('{').toString('base64') })],
  ['that is a list', () => ({ policyText: Buffer.from('[]').toString('base64') })],
  ['without an expiration', () => ({ expiration: undefined })],
  ['with an expiration that is a number', () => ({ expiration: 4_102_444_800 })],
  ['with a date in words', () => ({ expiration: 'Thu, 01 Jan 2032 00:00:00 GMT' })],
  ['without conditions', () => ({ conditions: undefined })],
  ['with CONDITIONS', () => ({ extraPolicy: { CONDITIONS: [] } })],
  ['with an empty condition', () => ({ conditions: usual({}) })],
  ['with two conditions in one', () => ({ conditions: usual({ a: 'b', c: 'd' }) })],
  ['with a condition that is a number', () => ({ conditions: usual({ success_action_status: 201 }) })],
  ['with an unknown operator', () => ({ conditions: usual(['ends-with', '$key', 'x']) })],
  ['with a field without $', () => ({ conditions: usual(['eq', 'key', 'x']) })],
  ['with a range of one number', () => ({ conditions: usual(['content-length-range', 2]) })],
  ['with a negative range', () => ({ conditions: usual(['content-length-range', -1, 10]) })],
]

test.each(malformedPolicies)('rejects a policy %s as malformed', async (_, options) => {
  expect(await submit(correctForm(options()))).toMatchObject({ status: 400, code: 'InvalidPolicyDocument' })
  await expectNothingLeft()
})

describe('a broken upload', () => {
  test('that is far too large is stopped, and the client can read the error', async () => {
    const form = setFile(correctForm(), Buffer.alloc(30_000_000))
    expect(await submit(form)).toMatchObject({ status: 400, code: 'EntityTooLarge' })
    await expectNothingLeft()
  })

  test.each([
    ['that is not multipart', 'hello', 'multipart/form-data; boundary=x'],
    ['without a boundary', 'hello', 'multipart/form-data'],
    [
      'that ends in the file',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nmeow',
      'multipart/form-data; boundary=x',
    ],
    ['with a broken part header', '--x\r\n:\0\r\n\r\n', 'multipart/form-data; boundary=x'],
  ])('%s gets an error in XML', async (_, body, type) => {
    const headers = { 'content-type': type }
    const answer = await fetch(`${it.store.endpoint}/${it.bucket}`, { method: 'POST', body, headers })
    expect([400, 403]).toContain(answer.status)
    expect(await answer.text()).toContain('<Error><Code>')
    await expectNothingLeft()
  })

  test('is read to its end for clients that read the response only then', async () => {
    const socket = connect(it.store.port, '127.0.0.1')
    const answer = new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.once('data', (chunk) => resolve(chunk.toString('utf8')))
    })
    socket.pause()
    const bytes = 20_000_000
    socket.write(beginningOf(correctForm(), bytes))
    await new Promise<void>((resolve, reject) => {
      socket.write(Buffer.alloc(bytes), (error) => (error ? reject(error) : resolve()))
    })
    socket.resume()
    expect(await answer).toContain('<Code>EntityTooLarge</Code>')
    socket.destroy()
    await expectNothingLeft()
  })

  test('leaves nothing if the client disconnects in the middle', async () => {
    const [exactKey, exactType] = usual()
    const form = correctForm({ conditions: [exactKey, exactType, ['content-length-range', 0, 1_000_000]] })
    const socket = connect(it.store.port, '127.0.0.1')
    socket.write(beginningOf(form, 900_000))
    socket.write(Buffer.alloc(400_000))
    await expect.poll(() => readdir(join(it.directory, 'temporary'))).toHaveLength(1)
    socket.destroy()
    await expectNothingLeft()
  })
})

/** Returns a raw request with a form, up to the start of its file. */
function beginningOf(form: Form, fileBytes: number): string {
  const part = (name: string, value: string, more = '') =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}`
  const body =
    form.fields.map(([name, value]) => part(name, `${value}\r\n`)).join('') + part('file', '', '; filename="a"')
  const head = [
    `POST /${it.bucket} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: multipart/form-data; boundary=x',
    `Content-Length: ${body.length + fileBytes}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
