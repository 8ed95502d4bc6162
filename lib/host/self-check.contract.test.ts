import { DeleteBucketCorsCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { describe, expect, test, vi } from 'vitest'
import type { Intercept, StoreRequest, StoreResponse } from '@/tools/testing/store-proxy'
import { appOrigin, setUpCheckedBuckets } from './test-support/checked-buckets'

const { bucket, covers, s3, store, selfCheck, setVariables } = setUpCheckedBuckets()

const checks = ['access', 'anonymous', 'clock', 'cors', 'credentials', 'lifecycle', 'policy', 'store', 'versions']
const allChecks = checks.flatMap((check) => [bucket, covers].map((name) => `${check} ${name}`)).sort()
const accepted: StoreResponse = { status: 204, headers: {}, body: Buffer.alloc(0) }

test.each(['post', 'put'])('S8: passes every bucket of a conforming store, with uploads by %s', async (method) => {
  expect(await selfCheck({ S3_UPLOAD_METHOD: method })).toEqual({ all: allChecks, bad: [], texts: '' })
})

test('passes on many hosts that start at once', async () => {
  setVariables(store().endpoint)
  const { checkBuckets } = await import('./self-check')
  const results = (await Promise.all(Array.from({ length: 10 }, () => checkBuckets()))).flat()
  expect(results).toHaveLength(10 * allChecks.length)
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
})

/** Parses a form on its way to the store, and its policy. */
async function readForm({ headers, body }: StoreRequest) {
  const type = headers['content-type'] ?? ''
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const { expiration, conditions } = JSON.parse(Buffer.from(String(form.get('Policy')), 'base64').toString())
  const conditionOf = (name: string) => conditions.find((condition: object) => name in condition)?.[name]
  const range = conditions.find((condition: unknown) => Array.isArray(condition))
  return { form, conditionOf, maxBytes: range[2] as number, isExpired: Date.parse(expiration) < Date.now() }
}

const isPresignedPut = ({ method, url }: StoreRequest) => method === 'PUT' && url.includes('X-Amz-Signature=')
const isForm = ({ method, url }: StoreRequest) => method === 'POST' && !url.includes('?')

type Form = Awaited<ReturnType<typeof readForm>>

/** How a form violates its policy. The store rejects a form without a violation for its signature. */
const violations: Record<string, (form: Form) => boolean> = {
  'under another key': ({ form, conditionOf }) => form.get('key') !== conditionOf('key'),
  'of another type': ({ form, conditionOf }) => form.get('Content-Type') !== conditionOf('Content-Type'),
  'that is too large': ({ form, maxBytes }) => (form.get('file') as File).size > maxBytes,
  'with an extra field': ({ form }) => form.has('x-amz-meta-probe'),
  'with an expired policy': ({ isExpired }) => isExpired,
}
const hasNone = (form: Form) => Object.values(violations).every((isViolated) => !isViolated(form))

/** A store that accepts these invalid forms too. */
function accepting(isAccepted: (form: Form) => boolean): Intercept {
  return async (request, pass) => {
    const answer = await pass()
    if (!isForm(request) || answer.status < 400) return answer
    return isAccepted(await readForm(request)) ? accepted : answer
  }
}

describe('S8: fails a store that accepts an upload', () => {
  test.each([...Object.entries(violations), ['with a wrong signature', hasNone] as const])(
    '%s, and names this violation only',
    async (name, isViolated) => {
      const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, accepting(isViolated))
      expect(bad).toEqual([`policy ${bucket} failed`])
      expect(texts).toContain(`it accepts an upload ${name}.`)
      expect(texts).toContain('ALLOW_UNENFORCED_UPLOADS=true')
    },
  )

  test('with any violation, and names them all', async () => {
    const { bad, texts } = await selfCheck(
      {},
      accepting(() => true),
    )
    expect(bad).toEqual([bucket, covers].map((name) => `policy ${name} failed`).sort())
    for (const name of Object.keys(violations)) expect(texts).toContain(name)
  })

  test('and stores it, and deletes what it stored', async () => {
    const { bad, texts } = await selfCheck({}, async (request, pass) => {
      if (!isForm(request)) return pass()
      const { form } = await readForm(request)
      form.delete('x-amz-meta-probe')
      const valid = new Response(form)
      const headers = { ...request.headers, 'content-type': valid.headers.get('content-type') ?? '' }
      return pass({ headers, body: Buffer.from(await valid.arrayBuffer()) })
    })
    expect(bad).toHaveLength(2)
    expect(texts).toContain('it accepts an upload with an extra field.')
  })

  test('with a warning only if ALLOW_UNENFORCED_UPLOADS=true', async () => {
    const bend = accepting(() => true)
    const { bad } = await selfCheck({ ALLOW_UNENFORCED_UPLOADS: 'true', S3_BUCKET_COVERS: '' }, bend)
    expect(bad).toEqual([`policy ${bucket} warning`])
  })

  test.each([
    ['of another type', ({ headers }: StoreRequest) => headers['content-type'] === 'text/html'],
    ['of another length', ({ headers }: StoreRequest) => headers['content-length'] === '17'],
    [
      'with an expired URL',
      ({ url }: StoreRequest) => {
        const [, day, hour] = /X-Amz-Date=(\d{8})T(\d\d)/.exec(url) ?? []
        return `${day}${hour}` !== new Date().toISOString().slice(0, 13).replace(/\D/g, '')
      },
    ],
  ])('by PUT %s', async (name, isViolated) => {
    // In the minute around a full hour a new URL may look an hour old, so other violations may be named too.
    const { bad, texts } = await selfCheck({ S3_UPLOAD_METHOD: 'put', S3_BUCKET_COVERS: '' }, async (request, pass) =>
      isPresignedPut(request) && isViolated(request) ? accepted : pass(),
    )
    expect(bad).toEqual([`policy ${bucket} failed`])
    expect(texts).toContain(name)
  })

  test('by PUT with any signature and under any key', async () => {
    const { texts } = await selfCheck({ S3_UPLOAD_METHOD: 'put' }, async (request, pass) => {
      const answer = await pass()
      return request.method === 'PUT' && answer.status === 403 ? accepted : answer
    })
    expect(texts).toContain('under another key')
    expect(texts).toContain('with a wrong signature')
  })
})

describe('the store', () => {
  test('fails without POST policies, and the fix names S3_UPLOAD_METHOD=put', async () => {
    const answer = { status: 501, headers: {}, body: Buffer.from('<Error><Code>NotImplemented</Code></Error>') }
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, async (request, pass) =>
      isForm(request) ? answer : pass(),
    )
    expect(bad).toEqual([`policy ${bucket} failed`])
    expect(texts).toMatch(/rejected a valid upload: 501 NotImplemented.*S3_UPLOAD_METHOD=put/)
  })

  /** Deletes the objects, but answers that each deletion failed with this code. */
  const refusingDeletions =
    (code: string): Intercept =>
    async (request, pass) => {
      const answer = await pass()
      if (request.method !== 'POST' || !request.url.includes('delete')) return answer
      const error = `<Error><Key>incoming/a</Key><Code>${code}</Code><Message>no</Message></Error>`
      const body = Buffer.from(`<DeleteResult>${error}</DeleteResult>`)
      return { ...answer, headers: { 'content-type': 'application/xml' }, body }
    }

  test('fails if the credentials may not delete', async () => {
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, refusingDeletions('AccessDenied'))
    expect(bad).toEqual([`access ${bucket} failed`, `policy ${bucket} failed`])
    expect(texts).toMatch(/Cannot delete test uploads: the store answered 403 AccessDenied.*allow them to .* delete/)
  })

  test('has no result while it cannot delete', async () => {
    const check = selfCheck({ S3_BUCKET_COVERS: '' }, refusingDeletions('SlowDown'))
    await expect(check).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })

  test('has no result while it is overloaded', async () => {
    const slowDown = async (request: StoreRequest, pass: () => Promise<StoreResponse>) =>
      isForm(request) ? { status: 503, headers: {}, body: Buffer.alloc(0) } : pass()
    await expect(selfCheck({}, slowDown)).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })

  test('has no result while it is unreachable', async () => {
    const unreachable = selfCheck({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })
    await expect(unreachable).rejects.toMatchObject({ name: 'StoreUnreachable' })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['a missing bucket', { S3_BUCKET: 'a-bucket-that-is-not-there' }, /404 NoSuchBucket.*Create the bucket/],
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, /403 SignatureDoesNotMatch.*Correct the credentials/],
  ])('fails for %s, and gets no further requests', async (_, variables, sentence) => {
    const { all, texts } = await selfCheck({ S3_BUCKET_COVERS: '', ...variables })
    expect(all).toEqual([`store ${variables.S3_BUCKET ?? bucket}`])
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
  ])('that is %d minutes wrong', async (minutes, verdicts) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * minuteMs })
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' })
    // The other checks pass, because the app signs with the store's time.
    expect(bad).toEqual(verdicts.map((verdict) => `clock ${bucket} ${verdict}`))
    if (verdicts.length > 0) expect(texts).toMatch(minutes > 0 ? /ahead of.*NTP/ : /behind.*NTP/)
  })
})

test.each([9, -9])('checks enforcement on a store whose Date is %d minutes wrong', async (minutes) => {
  const { bad } = await selfCheck({ S3_BUCKET_COVERS: '' }, async (_, pass) => {
    const { headers, ...answer } = await pass()
    const date = new Date(Date.parse(headers.date ?? '') + minutes * 60_000).toUTCString()
    return { ...answer, headers: { ...headers, date } }
  })
  expect(bad).toEqual([`clock ${bucket} warning`])
})

describe('S25: CORS rules', () => {
  const rule = { AllowedOrigins: [appOrigin], AllowedMethods: ['GET', 'POST', 'PUT'], AllowedHeaders: ['*'] }
  const checkWith = async (rules: (typeof rule)[], variables: Record<string, string> = {}) => {
    await s3().send(new DeleteBucketCorsCommand({ Bucket: bucket }))
    const CORSConfiguration = { CORSRules: rules }
    if (rules.length > 0) await s3().send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }))
    return selfCheck({ S3_BUCKET_COVERS: '', ...variables })
  }

  test.each([
    ['missing rules', [], 'do not allow POST'],
    ['rules for another origin', [{ ...rule, AllowedOrigins: ['https://you.example.org'] }], 'do not allow POST'],
    ['rules without POST', [{ ...rule, AllowedMethods: ['GET', 'PUT'] }], 'do not allow POST'],
    ['rules without GET', [{ ...rule, AllowedMethods: ['POST', 'PUT'] }], 'do not allow GET'],
    ['rules for any origin', [{ ...rule, AllowedOrigins: ['*'] }], 'allow POST from any origin'],
    [
      'rules that let any origin read',
      [
        { ...rule, AllowedMethods: ['POST'] },
        { ...rule, AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
      ],
      'allow GET from any origin',
    ],
  ])('fails %s', async (_, rules, sentence) => {
    const { bad, texts } = await checkWith(rules)
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain(sentence)
    expect(texts).toContain(appOrigin)
  })

  test('fails rules without PUT if S3_UPLOAD_METHOD=put', async () => {
    const { bad, texts } = await checkWith([{ ...rule, AllowedMethods: ['GET', 'POST'] }], { S3_UPLOAD_METHOD: 'put' })
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain('do not allow PUT')
  })

  test.each(['content-type', 'if-none-match'])('fails rules without the header %s of a PUT', async (missing) => {
    const AllowedHeaders = ['content-type', 'if-none-match'].filter((header) => header !== missing)
    const { bad, texts } = await checkWith([{ ...rule, AllowedHeaders }], { S3_UPLOAD_METHOD: 'put' })
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain(`do not allow the header ${missing} of PUT from ${appOrigin}`)
  })

  test('fails if the answer to a preflight names no headers', async () => {
    const variables = { S3_BUCKET_COVERS: '', S3_UPLOAD_METHOD: 'put' }
    const { bad, texts } = await selfCheck(variables, async (request, pass) => {
      const { headers, ...answer } = await pass()
      const { 'access-control-allow-headers': _, ...rest } = headers
      return { ...answer, headers: request.method === 'OPTIONS' ? rest : headers }
    })
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain('do not allow the header content-type of PUT')
  })

  test('fails if a proxy in front of the store removes the header of answers', async () => {
    const { bad, texts } = await selfCheck({ S3_BUCKET_COVERS: '' }, async (request, pass) => {
      const { headers, ...answer } = await pass()
      const { 'access-control-allow-origin': _, ...rest } = headers
      return { ...answer, headers: request.method === 'GET' ? rest : headers }
    })
    expect(bad).toEqual([`cors ${bucket} failed`])
    expect(texts).toContain('answers lack Access-Control-Allow-Origin')
  })

  test('warns if the address for browsers does not answer the host', async () => {
    const { bad, texts } = await selfCheck({ S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:9', S3_BUCKET_COVERS: '' })
    expect(bad).toEqual([`cors ${bucket} warning`])
    expect(texts).toContain('S3_PUBLIC_ENDPOINT')
  })
})
