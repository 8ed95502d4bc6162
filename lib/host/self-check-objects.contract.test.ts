import {
  DeleteBucketLifecycleCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type LifecycleRule,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { openStoreProxy, type StoreRequest } from '@/tools/testing/store-proxy'
import { setUpCheckedBuckets } from './test-support/checked-buckets'
import { type Denial, keyOf, refusal, selfCheckWithout } from './test-support/denials'

const buckets = setUpCheckedBuckets()
const { bucket, s3, store, selfCheck } = buckets
const oneBucket = { S3_BUCKET_COVERS: '' }

/** Deletes what a check could not. @returns the keys */
async function empty(): Promise<string[]> {
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucket }))
  const Objects = Contents.map(({ Key }) => ({ Key }))
  if (Objects.length > 0) await s3().send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
  return Objects.map(({ Key }) => Key ?? '')
}

describe('fails a host that may not', () => {
  test.each<[string, Denial, RegExp]>([
    ['write drafts', { action: 's3:PutObject', prefix: 'drafts/' }, /write under drafts\/ \(403 AccessDenied\)/],
    ['write variants', { action: 's3:PutObject', prefix: 'media/' }, /write under media\/ \(403/],
    ['read originals', { action: 's3:GetObject', prefix: 'users/' }, /read under users\/ \(403 AccessDenied\)/],
  ])('%s, and names the right', async (_, denial, message) => {
    const { bad, texts } = await selfCheckWithout(denial, buckets)
    expect(bad).toContain(`access ${bucket} failed`)
    expect(texts).toMatch(message)
    expect(texts).toContain(`Allow the credentials ${denial.action}`)
    expect(texts).toContain(`arn:aws:s3:::${bucket}/${denial.prefix}*`)
  })

  test('delete variants, and names the test objects that stay', async () => {
    const { bad, texts } = await selfCheckWithout({ action: 's3:DeleteObject', prefix: 'media/' }, buckets)
    const kept = await empty()
    expect(bad).toEqual([`access ${bucket} failed`])
    expect(texts).toMatch(/^Cannot delete under media\/ \(403 AccessDenied\)\. Test objects stay there: media\//)
    expect(texts).toContain(`Allow the credentials s3:DeleteObject on arn:aws:s3:::${bucket}/media/*.`)
    expect(kept.length).toBeGreaterThan(0)
    for (const key of kept) expect(texts).toContain(key.replace(/-(copy|anonymous)$/, ''))
  })

  test('delete several objects at once', async () => {
    const { texts } = await selfCheck(oneBucket, async (request, pass) => {
      if (request.url.includes('?delete') && String(request.body).includes('media/')) {
        await pass()
        return refusal(403, 'AccessDenied')
      }
      return pass()
    })
    expect(texts).toMatch(/Cannot delete several objects at once under media\/ .*on arn:aws:s3:::self-check-\w+ too/)
  })

  test('list, so that a missing object answers 403 instead of 404', async () => {
    const { bad, texts } = await selfCheck(oneBucket, async (request, pass) => {
      const answer = await pass()
      return request.method === 'HEAD' && answer.status === 404 ? { ...answer, status: 403 } : answer
    })
    expect(bad).toEqual([`access ${bucket} failed`])
    expect(texts).toContain('Cannot look for a missing object under incoming/, drafts/, users/, media/ (403')
    expect(texts).toContain(`s3:ListBucket on arn:aws:s3:::${bucket}, without a condition on the prefix`)
  })

  const isListing = ({ url, headers }: StoreRequest) => headers.authorization && url.includes('prefix=users%2F')
  const isCopy = (request: StoreRequest) =>
    request.headers['x-amz-copy-source'] && keyOf(request, bucket).startsWith('users/')

  test.each([
    ['list', isListing, /^Cannot list under users\/ \(403 AccessDenied\)\. Allow the credentials s3:ListBucket/],
    ['copy', isCopy, /^Cannot copy under users\/ \(403 AccessDenied\)\. Allow .* s3:GetObject and s3:PutObject on/],
  ])('%s under users/', async (_, isRefused, message) => {
    const { bad, texts } = await selfCheck(oneBucket, async (request, pass) =>
      isRefused(request) ? refusal(403, 'AccessDenied') : pass(),
    )
    expect(bad).toEqual([`access ${bucket} failed`])
    expect(texts).toMatch(message)
  })

  test('use the encryption key of the bucket', async () => {
    const { texts } = await selfCheck(oneBucket, async (request, pass) =>
      request.method === 'GET' && keyOf(request, bucket) && request.headers.authorization
        ? refusal(403, 'AccessDenied', 'User is not authorized to perform: kms:Decrypt on this resource')
        : pass(),
    )
    expect(texts).toMatch(/Cannot read under .*Enable the bucket's encryption key.*kms:Decrypt.*put-bucket-encryption/)
    const disabled = await selfCheck(oneBucket, async (request, pass) =>
      request.method === 'PUT' && keyOf(request, bucket) ? refusal(400, 'KMS.DisabledException') : pass(),
    )
    expect(disabled.texts).toMatch(/Cannot write under .* \(400 KMS.DisabledException\).*encryption key/)
  })
})

test('reports a store that answers with other bytes than were written', async () => {
  const { texts } = await selfCheck(oneBucket, async (request, pass) => {
    const answer = await pass()
    const isRead = request.method === 'GET' && keyOf(request, bucket).startsWith('users/')
    return isRead && answer.status === 200 ? { ...answer, body: Buffer.from(answer.body).fill(0) } : answer
  })
  expect(texts).toMatch(/Cannot read what was just written under users\/\..*docs\/stores\.md/)
})

test('reports a store that neither lists nor copies what was just written', async () => {
  const { texts } = await selfCheck(oneBucket, async (request, pass) => {
    if (request.headers['x-amz-copy-source']) return refusal(404, 'NoSuchKey')
    const answer = await pass()
    if (!request.url.includes('prefix=media%2F')) return answer
    const body = Buffer.from(String(answer.body).replace(/<Contents>.*<\/Contents>/s, ''))
    return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body }
  })
  expect(texts).toMatch(/copy what was just written under incoming\/, drafts\/, users\/, media\//)
  expect(texts).toMatch(/list what was just written under media\//)
})

test('removes its test objects if the store fails in between, and those of killed hosts', async () => {
  const old = [`users/self-check/killed-host`, `media/self-check/killed-host`]
  for (const Key of old) await s3().send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'old' }))
  const failing = selfCheck(oneBucket, async (request, pass) =>
    request.headers['x-amz-copy-source'] ? refusal(503, 'ServiceUnavailable') : pass(),
  )
  await expect(failing).rejects.toMatchObject({ name: 'StoreUnreachable' })
  // Young ones may belong to a host that checks now.
  expect(await listKeys()).toEqual(old.sort())
  const { bad } = await selfCheck(oneBucket, async (request, pass) => {
    const answer = await pass()
    if (!request.url.includes('list-type=2')) return answer
    const body = Buffer.from(String(answer.body).replace(/<LastModified>\d{4}/g, '<LastModified>2020'))
    return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body }
  })
  expect(bad).toEqual([])
})

async function listKeys(): Promise<string[]> {
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key }) => Key ?? '').sort()
}

describe('S41: fails a bucket where anyone can', () => {
  const isAnonymous = ({ headers, url, method }: StoreRequest) =>
    !headers.authorization && !url.includes('X-Amz-') && method !== 'OPTIONS' && method !== 'POST'
  const opened = { status: 200, headers: {}, body: Buffer.from('open') }

  test.each<[string, (request: StoreRequest) => boolean, string]>([
    ['read originals', (request) => keyOf(request, bucket).startsWith('users/'), 'read under users/'],
    ['list', ({ url }) => url.includes('list-type=2') && !url.includes('prefix='), 'list the bucket'],
    ['list variants', ({ url }) => url.includes('prefix=media'), 'list under media/'],
  ])('%s', async (_, isOpen, name) => {
    const { bad, texts } = await selfCheck(oneBucket, async (request, pass) =>
      isAnonymous(request) && request.method === 'GET' && isOpen(request) ? opened : pass(),
    )
    expect(bad).toEqual([`anonymous ${bucket} failed`])
    expect(texts).toMatch(new RegExp(`^Without credentials, anyone can ${name}\\..*npm run bucket -- create`))
  })

  test('write', async () => {
    const { texts } = await selfCheck(oneBucket, async (request, pass) =>
      isAnonymous(request) && request.method === 'PUT' ? opened : pass(),
    )
    expect(texts).toContain('anyone can write under incoming/, write under drafts/')
  })

  test('but passes a public media/', async () => {
    const isMedia = (request: StoreRequest) => isAnonymous(request) && keyOf(request, bucket).startsWith('media/')
    const { bad } = await selfCheck(oneBucket, async (request, pass) =>
      isMedia(request) && request.method === 'GET' ? opened : pass(),
    )
    expect(bad).toEqual([])
  })
})

describe('PUBLIC_BASE_URL', () => {
  /** Runs the self-check with a CDN in front of the bucket, which has its path in `PUBLIC_BASE_URL`. */
  async function selfCheckWith(path: string, isServed: (key: string) => boolean, contentType?: string) {
    const cdn = await openStoreProxy(store().endpoint, async ({ url }) => {
      const key = url.slice(1)
      if (!isServed(key)) return refusal(403, 'AccessDenied')
      const object = await s3()
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .catch(() => null)
      if (!object?.Body) return refusal(404, 'NoSuchKey')
      const headers = { 'content-type': contentType ?? object.ContentType }
      return { status: 200, headers, body: Buffer.from(await object.Body.transformToByteArray()) }
    })
    try {
      return await selfCheck({ ...oneBucket, PUBLIC_BASE_URL: `${cdn.endpoint}${path}` })
    } finally {
      await cdn.close()
    }
  }
  const isMedia = (key: string) => key.startsWith('media/')

  test('passes if it serves media/ only', async () => {
    const { all, bad } = await selfCheckWith('', isMedia)
    expect(all).toContain(`public ${bucket}`)
    expect(bad).toEqual([])
  })

  test.each([
    ['it ends with /media', '/media', () => true, undefined, /answered 404.*without \/media, which the app adds: http/],
    ['it serves nothing', '', () => false, undefined, /serves no photo: it answered 403.*Let it read media\/\*/],
    ['it changes the type', '', isMedia, 'text/plain', /serves no photo: it changed the content type to text\/plain/],
  ])('fails if %s', async (_, path, isServed, type, sentence) => {
    const { bad, texts } = await selfCheckWith(path, isServed, type)
    expect(bad).toEqual([`public ${bucket} failed`])
    expect(texts).toMatch(sentence)
  })

  test('S13: fails if it serves originals too', async () => {
    const { bad, texts } = await selfCheckWith('', (key) => isMedia(key) || key.startsWith('users/'))
    expect(bad).toEqual([`public ${bucket} failed`])
    expect(texts).toContain('serves users/ to anyone')
  })

  test('warns if it does not answer this host', async () => {
    const { bad, texts } = await selfCheck({ ...oneBucket, PUBLIC_BASE_URL: 'http://127.0.0.1:9' })
    expect(bad).toEqual([`public ${bucket} warning`])
    expect(texts).toContain('correct PUBLIC_BASE_URL')
  })
})

describe('lifecycle rules', () => {
  const rule = (Prefix: string, Days: number): LifecycleRule => ({
    ID: Prefix || 'all',
    Status: 'Enabled',
    Filter: { Prefix },
    Expiration: { Days },
  })
  const good = [rule('incoming/', 1), rule('drafts/', 2)] as const

  test.each<[string, LifecycleRule[], string, RegExp]>([
    [
      'warns without any',
      [],
      'warning',
      /under incoming\/ after 1 d and drafts\/ after 2 d: they stay\..*"Prefix":"drafts\/"/,
    ],
    ['warns without one for drafts/', [good[0]], 'warning', /under drafts\/ after 2 d: they stay/],
    ['warns of a disabled one', [good[0], { ...good[1], Status: 'Disabled' }], 'warning', /drafts\/ after 2 d/],
    ['warns of a late one', [rule('incoming/', 30), good[1]], 'warning', /incoming\/ after 1 d/],
    ['fails one that deletes saved photos', [...good, rule('media/', 90)], 'failed', /media\/ deletes saved photos/],
    ['fails one for the whole bucket', [rule('', 90)], 'failed', /The lifecycle rule all deletes saved photos/],
  ])('%s', async (_, Rules, verdict, sentence) => {
    const input = { Bucket: bucket, LifecycleConfiguration: { Rules } }
    if (Rules.length === 0) await s3().send(new DeleteBucketLifecycleCommand({ Bucket: bucket }))
    else await s3().send(new PutBucketLifecycleConfigurationCommand(input))
    const { bad, texts } = await selfCheck(oneBucket)
    expect(bad).toEqual([`lifecycle ${bucket} ${verdict}`])
    expect(texts).toMatch(sentence)
  })

  test('are unchecked if the host may not read them, and not supported on some stores', async () => {
    const answering = (status: number, code: string) =>
      selfCheck(oneBucket, async (request, pass) =>
        request.url.includes('?lifecycle') ? refusal(status, code) : pass(),
      )
    const denied = await answering(403, 'AccessDenied')
    expect(denied.bad).toEqual([`lifecycle ${bucket} unchecked`])
    expect(denied.texts).toMatch(/may not read the lifecycle rules \(403 AccessDenied\)\. Run npm run bucket -- doctor/)
    const lacking = await answering(501, 'NotImplemented')
    expect(lacking.bad).toEqual([`lifecycle ${bucket} warning`])
    expect(lacking.texts).toContain('The store has no lifecycle rules (501 NotImplemented)')
  })
})

test('warns of old versions that nothing erases, and reports them as unchecked without rights', async () => {
  const versioned = (bend: (request: StoreRequest) => boolean) =>
    selfCheck(oneBucket, async (request, pass) => {
      if (bend(request)) return refusal(403, 'AccessDenied')
      const answer = await pass()
      if (request.method !== 'PUT') return answer
      return { ...answer, headers: { ...answer.headers, 'x-amz-version-id': 'v1' } }
    })
  const { bad, texts } = await versioned(() => false)
  expect(bad).toEqual([`versions ${bucket} warning`])
  expect(texts).toMatch(
    /The bucket is versioned: .*test objects.* under incoming\/, drafts\/, users\/, media\/\..*bucket -- create/,
  )
  const denied = await versioned(({ url }) => url.includes('?lifecycle'))
  expect(denied.bad).toEqual([`lifecycle ${bucket} unchecked`, `versions ${bucket} unchecked`])
  const cannotErase = await versioned(({ url }) => url.includes('versions'))
  expect(cannotErase.bad).toEqual([`versions ${bucket} warning`])
  expect(cannotErase.texts).toMatch(/people cannot erase everything\..*Allow the credentials s3:ListBucketVersions/)
})

describe('credentials', () => {
  test('that expire before the URLs they sign are reported', async () => {
    const AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 20 * 60_000).toISOString()
    const { bad, texts } = await selfCheck({ ...oneBucket, AWS_CREDENTIAL_EXPIRATION })
    expect(bad).toEqual([`credentials ${bucket} warning`])
    expect(texts).toMatch(/expire in (19|20) min, before the URLs that they sign \(30 min\)\. Give the host a role/)
  })

  test('that expire later are not', async () => {
    const AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 120 * 60_000).toISOString()
    expect((await selfCheck({ ...oneBucket, AWS_CREDENTIAL_EXPIRATION })).bad).toEqual([])
  })
})

test.runIf(process.env.TEST_STORE !== 'ceph')('names the region of the bucket', async () => {
  const { bad, texts } = await selfCheck({ ...oneBucket, AWS_REGION: 'us-west-2' })
  expect(bad).toEqual([`store ${bucket} failed`])
  expect(texts).toContain(`The bucket is in ${store().region}: set AWS_REGION=${store().region}.`)
})
