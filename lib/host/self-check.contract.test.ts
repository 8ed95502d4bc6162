import { randomBytes } from 'node:crypto'
import {
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { type Bend, openStoreProxy, type StoreAnswer, type StoreRequest } from '@/tools/testing/store-proxy'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'

const appOrigin = 'https://me.example.org'
const names = [0, 1].map(() => `self-check-${randomBytes(8).toString('hex')}`) as [string, string]
const [bucket, covers] = names
let store: StoreUnderTest
let s3: S3Client

beforeAll(async () => {
  // The time that is, whatever a test makes of this process's.
  store = await openStoreUnderTest({ now: () => new Date(performance.timeOrigin + performance.now()) })
  const { endpoint, region, accessKeyId, secretAccessKey } = store
  s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true })
})

beforeEach(() => prepareBuckets(store, names, appOrigin))

afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  // Whatever was found, no probe is left.
  for (const Bucket of names) expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined()
})

afterAll(async () => {
  for (const Bucket of names) await s3.send(new DeleteBucketCommand({ Bucket }))
  expect(store.faults).toEqual([])
  s3.destroy()
  await store.close()
})

/** A host with this environment, and its self-check. */
async function startHost(endpoint: string, variables: Record<string, string> = {}) {
  const environment = {
    APP_ORIGIN: appOrigin,
    AWS_REGION: store.region,
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    S3_BUCKET: bucket,
    S3_BUCKET_COVERS: covers,
    AUTH_MODE: 'guest',
    ALLOW_PUBLIC_GUESTS: 'true',
    SESSION_SECRETS: 's'.repeat(32),
    ...variables,
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  vi.resetModules()
  return import('./self-check')
}

/** The self-check of a host, on the store as a proxy bends it. @returns which checks were made, and what was not right */
async function selfCheck(variables: Record<string, string> = {}, bend: Bend = (_, pass) => pass()) {
  const proxy = await openStoreProxy(store.endpoint, bend)
  try {
    const { checkBuckets } = await startHost(proxy.endpoint, variables)
    const checks = await checkBuckets()
    const bad = checks.filter(({ verdict }) => verdict !== 'ok')
    return {
      made: checks.map(({ check, bucket }) => `${check} ${bucket}`).sort(),
      bad: bad.map(({ check, bucket, verdict }) => `${check} ${bucket} ${verdict}`).sort(),
      texts: bad.map(({ found, mend }) => `${found} ${mend}`).join('\n'),
    }
  } finally {
    await proxy.close()
  }
}

const all = ['clock', 'cors', 'policy', 'store'].flatMap((check) => names.map((name) => `${check} ${name}`)).sort()
const taken: StoreAnswer = { status: 204, headers: {}, body: Buffer.alloc(0) }

test.each(['post', 'put'])('S8: every bucket of a store that will do passes, with uploads by %s', async (method) => {
  expect(await selfCheck({ S3_UPLOAD_METHOD: method })).toEqual({ made: all, bad: [], texts: '' })
})

test('many that start at once do not disturb each other', async () => {
  const { checkBuckets } = await startHost(store.endpoint)
  const checks = (await Promise.all(Array.from({ length: 6 }, () => checkBuckets()))).flat()
  expect(checks).toHaveLength(6 * all.length)
  expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
})

/** A form on its way to the store, and the policy in it. */
async function readForm({ headers, body }: StoreRequest) {
  const type = headers['content-type'] ?? ''
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const { expiration, conditions } = JSON.parse(Buffer.from(String(form.get('Policy')), 'base64').toString())
  const conditionOf = (name: string) => conditions.find((condition: object) => name in condition)?.[name]
  const range = conditions.find((condition: unknown) => Array.isArray(condition))
  return { form, conditionOf, maxBytes: range[2] as number, isExpired: Date.parse(expiration) < Date.now() }
}

type Form = Awaited<ReturnType<typeof readForm>>

/** What a form does against its policy; nothing of it, and the store refuses it for its signature. */
const violations: Record<string, (form: Form) => boolean> = {
  'under another key': ({ form, conditionOf }) => form.get('key') !== conditionOf('key'),
  'of another type': ({ form, conditionOf }) => form.get('Content-Type') !== conditionOf('Content-Type'),
  'that is too large': ({ form, maxBytes }) => (form.get('file') as File).size > maxBytes,
  'with a field too many': ({ form }) => form.has('x-amz-meta-probe'),
  'by an expired policy': ({ isExpired }) => isExpired,
}
const isHonest = (form: Form) => Object.values(violations).every((isThis) => !isThis(form))

/** A store that takes forms of one kind, and refuses all others as the real one does. */
function takingForms(isThis: (form: Form) => boolean): Bend {
  return async (asked, pass) => {
    if (asked.method !== 'POST' || asked.url.includes('?')) return pass()
    const answer = await pass()
    return answer.status >= 400 && isThis(await readForm(asked)) ? taken : answer
  }
}

describe('S8: a store that takes an upload', () => {
  test.each([...Object.entries(violations), ['with a wrong signature', isHonest] as const])(
    '%s is found out, by that and nothing else',
    async (name, isThis) => {
      const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, takingForms(isThis))
      expect(bad).toEqual([`policy ${bucket} failed`])
      expect(texts).toContain(`it takes an upload ${name}.`)
      expect(texts).toContain('ALLOW_UNENFORCED_UPLOADS=true')
    },
  )

  test('against all that was signed is found out by all of it', async () => {
    const { bad, texts } = await selfCheck(
      {},
      takingForms(() => true),
    )
    expect(bad).toEqual(names.map((name) => `policy ${name} failed`).sort())
    for (const name of Object.keys(violations)) expect(texts).toContain(name)
  })

  test('and really stores it keeps nothing of it', async () => {
    const { bad, texts } = await selfCheck({}, async (asked, pass) => {
      if (asked.method !== 'POST' || asked.url.includes('?')) return pass()
      const { form } = await readForm(asked)
      form.delete('x-amz-meta-probe')
      const mended = new Response(form)
      const headers = { ...asked.headers, 'content-type': mended.headers.get('content-type') ?? '' }
      return pass({ headers, body: Buffer.from(await mended.arrayBuffer()) })
    })
    expect(bad).toHaveLength(2)
    expect(texts).toContain('it takes an upload with a field too many.')
  })

  test('is only told of where the deployer accepts that in so many words', async () => {
    const bend = takingForms(() => true)
    const { bad } = await selfCheck({ ALLOW_UNENFORCED_UPLOADS: 'true', S3_BUCKET_COVERS: '' }, bend)
    expect(bad).toEqual([`policy ${bucket} warning`])
  })

  test.each([
    ['of another type', ({ headers }: StoreRequest) => headers['content-type'] === 'text/html'],
    ['of another length', ({ headers }: StoreRequest) => headers['content-length'] === '17'],
    [
      'by an expired URL',
      ({ url }: StoreRequest) => {
        const [, day, hour] = /X-Amz-Date=(\d{8})T(\d\d)/.exec(url) ?? []
        return `${day}${hour}` !== new Date().toISOString().slice(0, 13).replace(/\D/g, '')
      },
    ],
  ])('put %s is found out', async (name, isThis) => {
    // In the minute around a full hour a URL of now may look like one of an hour ago: the whole answer is not compared.
    const { bad, texts } = await selfCheck({ S3_UPLOAD_METHOD: 'put', S3_BUCKET_COVERS: '' }, async (asked, pass) =>
      asked.method === 'PUT' && isThis(asked) ? taken : pass(),
    )
    expect(bad).toEqual([`policy ${bucket} failed`])
    expect(texts).toContain(name)
  })

  test('put with any signature, under any key, is found out', async () => {
    const { texts } = await selfCheck({ S3_UPLOAD_METHOD: 'put' }, async (asked, pass) => {
      const answer = await pass()
      return asked.method === 'PUT' && answer.status === 403 ? taken : answer
    })
    expect(texts).toContain('under another key')
    expect(texts).toContain('with a wrong signature')
  })
})

describe('a store', () => {
  test('that knows no POST policies is refused, with the way to do without them', async () => {
    const answer = { status: 501, headers: {}, body: Buffer.from('<Error><Code>NotImplemented</Code></Error>') }
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, async ({ method, url }, pass) =>
      method === 'POST' && !url.includes('?') ? answer : pass(),
    )
    expect(bad).toEqual([`policy ${bucket} failed`])
    expect(texts).toMatch(/refused: 501 NotImplemented.*S3_UPLOAD_METHOD=put/)
  })

  test('that is overloaded has not been judged', async () => {
    const slowDown = async ({ method, url }: StoreRequest, pass: () => Promise<StoreAnswer>) =>
      method === 'POST' && !url.includes('?') ? { status: 503, headers: {}, body: Buffer.alloc(0) } : pass()
    await expect(selfCheck({}, slowDown)).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })

  test('that is not there has not been judged', async () => {
    const gone = selfCheck({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })
    await expect(gone).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['no such bucket', { S3_BUCKET: 'a-bucket-that-is-not-there' }, /404 NoSuchBucket/],
    ['a secret that is not the store’s', { AWS_SECRET_ACCESS_KEY: 'wrong' }, /403 SignatureDoesNotMatch/],
  ])('with %s is refused, and asked nothing more', async (_, variables, sentence) => {
    const { made, texts } = await selfCheck({ S3_BUCKET_COVERS: '', ...variables })
    expect(made).toEqual([`store ${variables.S3_BUCKET ?? bucket}`])
    expect(texts).toMatch(sentence)
  })
})

describe('the clock of a host', () => {
  const minuteMs = 60_000
  test.each([
    [0.25, []],
    [-0.25, []],
    [2, ['warning']],
    [-2, ['warning']],
    [9, ['warning']],
    [11, ['failed']],
    [-11, ['failed']],
    [20, ['failed']],
    [-180, ['failed']],
  ])('that is %d minutes off', async (minutes, verdicts) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * minuteMs })
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' })
    // All else is as it should be: what is signed is signed by the store's time.
    expect(bad).toEqual(verdicts.map((verdict) => `clock ${bucket} ${verdict}`))
    if (verdicts.length > 0) expect(texts).toMatch(minutes > 0 ? /ahead of.*NTP/ : /behind.*NTP/)
  })
})

test.each([9, -9])(
  'a store whose Date is %d minutes off is judged by what it enforces all the same',
  async (minutes) => {
    const { bad } = await selfCheck({ S3_BUCKET_COVERS: '' }, async (_, pass) => {
      const { headers, ...answer } = await pass()
      const date = new Date(Date.parse(headers.date ?? '') + minutes * 60_000).toUTCString()
      return { ...answer, headers: { ...headers, date } }
    })
    expect(bad).toEqual([`clock ${bucket} warning`])
  },
)

describe('S25: CORS rules', () => {
  const rule = { AllowedOrigins: [appOrigin], AllowedMethods: ['GET', 'POST', 'PUT'], AllowedHeaders: ['*'] }
  const checkWith = async (rules: (typeof rule)[], variables: Record<string, string> = {}) => {
    await s3.send(new DeleteBucketCorsCommand({ Bucket: bucket }))
    const CORSConfiguration = { CORSRules: rules }
    if (rules.length > 0) await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }))
    return selfCheck({ S3_BUCKET_COVERS: '', ...variables })
  }

  test.each([
    ['there are none', [], 'may not POST'],
    ['for another origin', [{ ...rule, AllowedOrigins: ['https://you.example.org'] }], 'may not POST'],
    ['without POST', [{ ...rule, AllowedMethods: ['GET', 'PUT'] }], 'may not POST'],
    ['without GET', [{ ...rule, AllowedMethods: ['POST', 'PUT'] }], 'may not GET'],
    ['for any origin', [{ ...rule, AllowedOrigins: ['*'] }], 'Pages of any origin may POST'],
    [
      'that let any origin read',
      [
        { ...rule, AllowedMethods: ['POST'] },
        { ...rule, AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
      ],
      'Pages of any origin may GET',
    ],
  ])('%s: refused', async (_, rules, sentence) => {
    const { bad, texts } = await checkWith(rules)
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain(sentence)
    expect(texts).toContain(appOrigin)
  })

  test('must allow PUT where uploads are put', async () => {
    const { bad, texts } = await checkWith([{ ...rule, AllowedMethods: ['GET', 'POST'] }], { S3_UPLOAD_METHOD: 'put' })
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain('may not PUT')
  })

  test('are not judged where the address for browsers does not answer the host: a warning', async () => {
    const { bad, texts } = await selfCheck({ S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:9', S3_BUCKET_COVERS: '' })
    expect(bad).toEqual([`cors ${bucket} warning`])
    expect(texts).toContain('S3_PUBLIC_ENDPOINT')
  })
})
