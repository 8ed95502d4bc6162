import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readStoreEnv } from '@/lib/env'
import { checkCors } from '@/lib/s3/checks/cors'
import { connectBucket } from '@/lib/s3/client'
import { deleteObjects } from '@/lib/s3/objects'
import { type Intercept, openStoreProxy, type StoreRequest } from '@/tools/testing/store-proxy'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'
import { runCreate } from './create'
import type { Finding } from './finding'
import { runCommand } from './run-command'

const appOrigin = 'https://me.example.org'
const isCeph = process.env.TEST_STORE === 'ceph'
let store: StoreUnderTest
let s3: S3Client
let bucket: string
let covers: string

beforeAll(async () => {
  store = await openStoreUnderTest()
  const { endpoint, region, accessKeyId, secretAccessKey } = store
  s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true })
})

beforeEach(() => {
  ;[bucket, covers] = [0, 1].map(() => `create-${randomBytes(8).toString('hex')}`) as [string, string]
  vi.stubEnv('AWS_ACCESS_KEY_ID', store.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', store.secretAccessKey)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const name of await existing()) await s3.send(new DeleteBucketCommand({ Bucket: name }))
})

afterAll(async () => {
  expect(store.faults).toEqual([])
  s3.destroy()
  await store.close()
})

async function existing(): Promise<string[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  return [bucket, covers].filter((name) => Buckets.some(({ Name }) => Name === name))
}

const configure = (endpoint: string, variables: Record<string, string>) =>
  readStoreEnv({
    APP_ORIGIN: appOrigin,
    AWS_REGION: store.region,
    AWS_ENDPOINT_URL_S3: endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    S3_BUCKET: bucket,
    S3_BUCKET_COVERS: covers,
    ...variables,
  })

/** Runs the command on a store whose answers a proxy changes. Each run checks that it deletes nothing. */
async function create(
  variables: Record<string, string> = {},
  { isDryRun = false, bend = (_, pass) => pass() }: { isDryRun?: boolean; bend?: Intercept } = {},
) {
  const requests: StoreRequest[] = []
  const proxy = await openStoreProxy(store.endpoint, (request, pass) => {
    requests.push(request)
    return bend(request, pass)
  })
  const plans: Finding[][] = []
  try {
    const options = { isDryRun, showPlan: (plan: Finding[]) => plans.push(plan) }
    const findings = await runCreate(configure(proxy.endpoint, variables), options)
    expect(requests.map(({ method }) => method)).not.toContain('DELETE')
    return { findings, plan: plans.flat(), requests, verdicts: verdictsOf(findings), texts: textsOf(findings) }
  } finally {
    await proxy.close()
  }
}

const verdictsOf = (findings: Finding[]) =>
  Object.fromEntries(findings.map(({ check, bucket: name, verdict }) => [`${check} ${name}`, verdict]))
const textsOf = (findings: Finding[]) =>
  findings.flatMap(({ verdict, message, fix }) => (verdict === 'ok' ? [] : `${message} ${fix}`)).join('\n')

const oneBucket = { S3_BUCKET_COVERS: '' }
const checks = ['bucket', 'block', 'acls', 'cors', 'lifecycle']
/** radosgw has no setting for the ownership of objects. */
const all = (verdict: Finding['verdict'], names: string[]) =>
  Object.fromEntries(
    names.flatMap((name) =>
      checks.map((check) => [`${check} ${name}`, check === 'acls' && isCeph ? 'warning' : verdict]),
    ),
  )

const corsOf = async (Bucket: string) => (await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules ?? []
const lifecycleOf = async (Bucket: string) =>
  (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules ?? []
const blockOf = async (Bucket: string) =>
  (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration

test('shows a plan and changes nothing with --dry-run', async () => {
  const { findings, plan, requests } = await create({}, { isDryRun: true })
  expect(findings.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 10 }, () => 'planned'))
  expect(plan).toEqual([])
  expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD'])
  expect(await existing()).toEqual([])
})

test('prints the plan before the result, and only the result as JSON', async () => {
  const variables = {
    APP_ORIGIN: appOrigin,
    AWS_REGION: store.region,
    AWS_ENDPOINT_URL_S3: store.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    S3_BUCKET: bucket,
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const run = async (...options: string[]) => {
    let output = ''
    const print = (text: string) => {
      output += text
    }
    const code = await runCommand(['create', ...options], { print, printError: print })
    return { code, output }
  }
  const { code, output } = await run()
  expect(code).toBe(0)
  expect(output).toMatch(/^Plan:\nplanned .*\nResult:\nchanged /s)
  expect(JSON.parse((await run('--json')).output)).toMatchObject([{ verdict: 'ok', bucket }, {}, {}, {}, {}])
})

test('creates the bucket of each collection with all settings, after its plan', async () => {
  const { plan, verdicts } = await create()
  expect(plan.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 10 }, () => 'planned'))
  expect(verdicts).toEqual(all('changed', [bucket, covers]))
  for (const name of [bucket, covers]) {
    expect(await blockOf(name)).toEqual({
      BlockPublicAcls: false,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    })
    expect(await corsOf(name)).toMatchObject([{ AllowedOrigins: [appOrigin], AllowedMethods: ['GET', 'POST'] }])
    const rules = await lifecycleOf(name)
    const days = rules.map(({ ID, Expiration, AbortIncompleteMultipartUpload: abort }) => {
      return [ID, Expiration?.Days, abort?.DaysAfterInitiation]
    })
    expect(days.sort()).toEqual([
      ['anyhost drafts/', 2, 1],
      ['anyhost incoming/', 1, 1],
      ['anyhost media/', undefined, 1],
      ['anyhost users/', undefined, 1],
    ])
  }
})

test('changes nothing the second time, and keeps objects', async () => {
  await create()
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'users/a', Body: 'kept' }))
  const { verdicts, requests } = await create()
  expect(verdicts).toEqual(all('ok', [bucket, covers]))
  expect(requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([])
  const connected = connectBucket({ ...configure(store.endpoint, {}), name: bucket, timeoutMs: 5_000 })
  await deleteObjects(connected, ['users/a'])
})

describe('S25: CORS', () => {
  const preflight = (uploadMethod: 'post' | 'put') => {
    const connected = connectBucket({ ...configure(store.endpoint, {}), name: bucket, timeoutMs: 5_000 })
    return checkCors(connected, { origin: appOrigin, uploadMethod, key: 'incoming/a' })
  }

  test('lets pages of the site upload by the configured method only, and follows a change of it', async () => {
    await create(oneBucket)
    expect(await preflight('post')).toMatchObject({ verdict: 'ok' })
    expect(await preflight('put')).toMatchObject({ verdict: 'failed' })
    await create({ ...oneBucket, S3_UPLOAD_METHOD: 'put' })
    expect(await preflight('put')).toMatchObject({ verdict: 'ok' })
    expect(await preflight('post')).toMatchObject({ verdict: 'failed' })
    expect(await corsOf(bucket)).toMatchObject([{ AllowedHeaders: ['content-type', 'if-none-match'] }])
  })

  test('moves the rule to a new APP_ORIGIN', async () => {
    await create(oneBucket)
    await create({ ...oneBucket, APP_ORIGIN: 'https://you.example.org' })
    expect((await corsOf(bucket)).map(({ AllowedOrigins }) => AllowedOrigins)).toEqual([['https://you.example.org']])
  })

  test('keeps the rules of others, also one for the same origin', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    const rules = [
      { ID: 'player', AllowedOrigins: ['https://tv.example.org'], AllowedMethods: ['GET'], ExposeHeaders: ['ETag'] },
      { ID: 'reader', AllowedOrigins: [appOrigin], AllowedMethods: ['GET'] },
    ]
    await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: rules } }))
    await create(oneBucket)
    expect(await corsOf(bucket)).toMatchObject([{ ID: 'anyhost' }, ...rules])
    expect(await preflight('post')).toMatchObject({ verdict: 'ok' })
  })
})

test('keeps the lifecycle rules of others', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  const Rules = [
    { ID: 'backups', Status: 'Enabled' as const, Filter: { Prefix: 'backups/' }, Expiration: { Days: 30 } },
    { ID: 'anyhost drafts/', Status: 'Enabled' as const, Filter: { Prefix: 'drafts/' }, Expiration: { Days: 9 } },
    // How rules without a filter were written before 2016. radosgw answers with it.
    { ID: 'whole', Status: 'Disabled' as const, Prefix: '', Expiration: { Days: 90 } },
  ]
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules } }))
  const { verdicts, requests } = await create(oneBucket)
  expect(verdicts[`lifecycle ${bucket}`]).toBe('changed')
  const rules = Object.fromEntries((await lifecycleOf(bucket)).map((rule) => [rule.ID, rule]))
  expect(rules.backups).toMatchObject(Rules[0] as object)
  expect(rules.whole).toMatchObject({ Status: 'Disabled', Expiration: { Days: 90 } })
  expect(rules['anyhost drafts/']).toMatchObject({ Expiration: { Days: 2 } })
  // AWS rejects a prefix outside of a filter beside rules with filters.
  const put = requests.find(({ method, url }) => method === 'PUT' && url.includes('lifecycle'))
  expect(String(put?.body).replace(/<Filter>.*?<\/Filter>/g, '')).not.toContain('<Prefix>')
})

test.runIf(isCeph)('expires the older versions of a versioned bucket', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await create(oneBucket)
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }))
  expect((await create(oneBucket)).verdicts[`lifecycle ${bucket}`]).toBe('changed')
  const rules = await lifecycleOf(bucket)
  expect(rules.map((rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays)).toEqual([3, 3, 3, 3])
  expect(rules.filter((rule) => rule.Expiration?.ExpiredObjectDeleteMarker)).toHaveLength(2)
  expect((await create(oneBucket)).verdicts[`lifecycle ${bucket}`]).toBe('ok')
})

test.each([true, false])('leaves the policy parts of the access block at %s if media/ is public', async (isOn) => {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  const PublicAccessBlockConfiguration = {
    BlockPublicAcls: isOn,
    BlockPublicPolicy: isOn,
    RestrictPublicBuckets: isOn,
  }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }))
  await create({ ...oneBucket, PUBLIC_BASE_URL: 'https://cdn.example.org' })
  expect(await blockOf(bucket)).toEqual({ ...PublicAccessBlockConfiguration, IgnorePublicAcls: true })
})

const refuse = (status: number, code: string, isMeant: (request: StoreRequest) => boolean): Intercept => {
  const body = Buffer.from(`<Error><Code>${code}</Code></Error>`)
  return async (request, pass) =>
    isMeant(request) ? { status, headers: { 'content-type': 'application/xml' }, body } : pass()
}
const isSetting = (name: string, method?: string) => (request: StoreRequest) =>
  request.url.includes(`?${name}`) && (method === undefined || request.method === method)

describe('says what the store lacks and what follows', () => {
  test.each([
    [501, 'NotImplemented'],
    [405, 'MethodNotAllowed'],
    [400, 'InvalidArgument'],
  ])('if it answers %d %s', async (status, code) => {
    const { verdicts, texts } = await create(oneBucket, { bend: refuse(status, code, ({ url }) => url.includes('?')) })
    expect(verdicts).toEqual({
      [`bucket ${bucket}`]: 'changed',
      [`block ${bucket}`]: 'warning',
      [`acls ${bucket}`]: 'warning',
      [`cors ${bucket}`]: 'failed',
      [`lifecycle ${bucket}`]: 'warning',
    })
    expect(texts).toContain(`The store answered ${status} ${code}: it lacks the CORS rule`)
    expect(texts).toContain('Browsers cannot upload or show photos without it.')
    expect(texts).toContain(`"AllowedOrigins":["${appOrigin}"]`)
    expect(texts).toContain('Abandoned uploads and drafts stay forever')
  })

  test('if it answers 200 and keeps nothing', async () => {
    const { verdicts, texts } = await create(oneBucket, {
      bend: async (request, pass) =>
        isSetting('cors', 'PUT')(request) ? { status: 200, headers: {}, body: Buffer.alloc(0) } : pass(),
    })
    expect(verdicts[`cors ${bucket}`]).toBe('failed')
    expect(texts).toContain('accepted the setting and did not keep it')
  })

  test('and sends no ownership to a store that answers with a listing', async () => {
    const { verdicts, requests } = await create(oneBucket, {
      bend: async (request, pass) =>
        isSetting('ownershipControls')(request)
          ? { status: 200, headers: {}, body: Buffer.from('<ListBucketResult><Name>a</Name></ListBucketResult>') }
          : pass(),
    })
    expect(verdicts[`acls ${bucket}`]).toBe('warning')
    expect(requests.filter(isSetting('ownershipControls', 'PUT'))).toEqual([])
  })
})

test('sets the expiry alone on a store that knows no other lifecycle action', async () => {
  const bend = refuse(501, 'NotImplemented', (request) => String(request.body).includes('AbortIncomplete'))
  expect((await create(oneBucket, { bend })).verdicts[`lifecycle ${bucket}`]).toBe('changed')
  expect((await lifecycleOf(bucket)).map(({ ID }) => ID).sort()).toEqual(['anyhost drafts/', 'anyhost incoming/'])
  expect((await create(oneBucket)).verdicts[`lifecycle ${bucket}`]).toBe('ok')
})

describe('fails', () => {
  test('without the right to change a setting, and prints the rights and the command', async () => {
    const bend = refuse(403, 'AccessDenied', isSetting('cors', 'PUT'))
    const { verdicts, texts } = await create(oneBucket, { bend })
    expect(verdicts[`cors ${bucket}`]).toBe('failed')
    expect(verdicts[`lifecycle ${bucket}`]).toBe('changed')
    expect(texts).toContain(
      'Use credentials with s3:GetBucketCORS and s3:PutBucketCORS, or run: aws s3api put-bucket-cors',
    )
    expect(texts).toContain(`--bucket ${bucket} --endpoint-url http://127.0.0.1:`)
  })

  test('without the right to read a setting', async () => {
    await create(oneBucket)
    const bend = refuse(403, 'AccessDenied', isSetting('lifecycle', 'GET'))
    const { verdicts, texts } = await create(oneBucket, { bend })
    expect(verdicts[`lifecycle ${bucket}`]).toBe('failed')
    expect(texts).toContain('s3:GetLifecycleConfiguration and s3:PutLifecycleConfiguration')
  })

  test('for a bucket in another region, and names the region', async () => {
    const headers = { 'x-amz-bucket-region': 'ap-south-1' }
    const { findings } = await create(oneBucket, {
      bend: async () => ({ status: 301, headers, body: Buffer.alloc(0) }),
    })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ verdict: 'failed', check: 'bucket', bucket })
    expect(findings[0]?.message).toContain('exists in ap-south-1')
    expect(findings[0]?.fix).toContain('AWS_REGION=ap-south-1')
  })

  test.each([
    ['may belong to another account', 403, 'AccessDenied', 'HEAD'],
    ['The name belongs to another account', 409, 'BucketAlreadyExists', 'PUT'],
    ['cannot create a bucket in', 400, 'IllegalLocationConstraintException', 'PUT'],
    ['Use credentials with the right s3:CreateBucket', 403, 'AccessDenied', 'PUT'],
  ])('for a bucket that it cannot have: %s', async (sentence, status, code, method) => {
    const { findings, texts } = await create(oneBucket, {
      bend: refuse(status, code, (request) => request.method === method && !request.url.includes('?')),
    })
    expect(findings.map(({ verdict }) => verdict)).toEqual(['failed'])
    expect(texts).toContain(sentence)
  })

  test('if the store does not answer', async () => {
    const env = configure('http://127.0.0.1:9', {})
    const run = runCreate(env, { isDryRun: true, showPlan: () => {} })
    await expect(run).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })
})
