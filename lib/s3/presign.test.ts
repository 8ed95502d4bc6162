import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectBucket } from './client'
import { presignGet, presignPost, presignPut } from './presign'

const minuteMs = 60_000

/** Serves a host's role credentials: a new pair on each request, valid until `endsAt`. */
let service: { server: Server; endsAt: number; requests: number }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 22, 12, 1) })
  const server = createServer((_request, response) => {
    service.requests += 1
    if (Number.isNaN(service.endsAt)) return response.writeHead(500).end()
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        AccessKeyId: `ROLE${service.requests}`,
        SecretAccessKey: 'secret',
        Token: 'token',
        Expiration: new Date(service.endsAt).toISOString(),
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  service = { server, endsAt: 0, requests: 0 }
  const { port } = server.address() as AddressInfo
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/role`)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  service.server.close()
})

const connect = () =>
  connectBucket({
    name: 'pictures',
    region: 'eu-central-1',
    endpoint: undefined,
    publicEndpoint: undefined,
    forcePathStyle: false,
    timeoutMs: 7_500,
  })

/** Returns the access key of a URL, and when it expires, in milliseconds since 1970. */
function read(url: string) {
  const query = new URL(url).searchParams
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(query.get('X-Amz-Date') ?? '') ?? []
  const signedAt = Date.parse(
    `${date?.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time?.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
  )
  return {
    signer: query.get('X-Amz-Credential')?.split('/')[0],
    endsAt: signedAt + Number(query.get('X-Amz-Expires')) * 1000,
  }
}

test('signs the same URL for 15 minutes, valid for at least 15 more', async () => {
  service.endsAt = Date.now() + 6 * 60 * minuteMs
  const bucket = connect()
  vi.setSystemTime(Date.UTC(2026, 10, 22, 12, 0))
  const first = await presignGet(bucket, 'media/a')
  vi.setSystemTime(Date.UTC(2026, 10, 22, 12, 14, 59))
  expect(await presignGet(bucket, 'media/a')).toBe(first)
  expect(await presignGet(bucket, 'media/b')).not.toBe(first)
  expect(read(first).endsAt).toBe(Date.UTC(2026, 10, 22, 12, 30))
  vi.setSystemTime(Date.UTC(2026, 10, 22, 12, 15))
  expect(await presignGet(bucket, 'media/a')).not.toBe(first)
})

test('signs the same URL on two hosts with the same credentials', async () => {
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', undefined)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'KEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  const first = await presignGet(connect(), 'media/a')
  vi.setSystemTime(Date.now() + 3 * minuteMs)
  expect(await presignGet(connect(), 'media/a')).toBe(first)
})

test('requests new credentials once if a role’s expire within the window', async () => {
  service.endsAt = Date.now() + 10 * minuteMs
  const bucket = connect()
  await bucket.presigner.config.credentials()
  service.endsAt = Date.now() + 60 * minuteMs
  const urls = await Promise.all(['a', 'b', 'c'].map((key) => presignGet(bucket, key)))
  expect(urls.map((url) => read(url).signer)).toEqual(['ROLE2', 'ROLE2', 'ROLE2'])
  expect(read(urls[0] as string).endsAt).toBe(Date.UTC(2026, 10, 22, 12, 30))
  expect(service.requests).toBe(2)
})

test('signs nothing for longer than the credentials are valid', async () => {
  const endsAt = Date.now() + 4 * minuteMs
  service.endsAt = endsAt
  const bucket = connect()
  const url = await presignGet(bucket, 'media/a')
  expect(read(url).endsAt).toBe(endsAt)
  // A page with many images sends no request for each.
  const { requests } = service
  await Promise.all(Array.from({ length: 50 }, (_, index) => presignGet(bucket, `media/${index}`)))
  expect(service.requests).toBe(requests)

  const post = await presignPost(bucket, 'incoming/a', {
    contentType: 'image/png',
    maxBytes: 10,
    expiresInSeconds: 300,
  })
  const policy = JSON.parse(Buffer.from(post.fields.Policy as string, 'base64').toString())
  expect(Date.parse(policy.expiration)).toBe(endsAt)
  expect(post.expiresAt.getTime()).toBe(endsAt)
  const put = await presignPut(bucket, 'incoming/a', { contentType: 'image/png', bytes: 10, expiresInSeconds: 300 })
  expect(read(put.url).endsAt).toBe(endsAt)
  expect(put.expiresAt.getTime()).toBe(endsAt)
})

test('signs with the valid credentials when the service fails', async () => {
  const endsAt = Date.now() + 4 * minuteMs
  service.endsAt = endsAt
  const bucket = connect()
  await bucket.presigner.config.credentials()
  service.endsAt = Number.NaN
  expect(read(await presignGet(bucket, 'media/a'))).toEqual({ signer: 'ROLE1', endsAt })
})

test('signs a form for the full time if the credentials outlive it', async () => {
  service.endsAt = Date.now() + 60 * minuteMs
  const options = { contentType: 'image/png', maxBytes: 10, expiresInSeconds: 300 }
  const { expiresAt, fields } = await presignPost(connect(), 'incoming/a', options)
  expect(expiresAt.getTime()).toBe(Date.now() + 5 * minuteMs)
  expect(fields['X-Amz-Security-Token']).toBe('token')
})

test.each([
  ['AWS with the bucket in the host', undefined, false, 'https://pictures.s3.eu-central-1.amazonaws.com'],
  ['AWS with the bucket in the path', undefined, true, 'https://s3.eu-central-1.amazonaws.com/pictures'],
  ['another store', 'http://store.example:9000', true, 'http://store.example:9000/pictures'],
])('signs the same address as the SDK: %s', async (_name, endpoint, forcePathStyle, base) => {
  service.endsAt = Date.now() + 60 * minuteMs
  const bucket = connectBucket({
    name: 'pictures',
    region: 'eu-central-1',
    endpoint: undefined,
    publicEndpoint: endpoint,
    forcePathStyle,
    timeoutMs: 7_500,
  })
  const key = 'media/someone/a1/512.webp'
  const url = new URL(await presignGet(bucket, key, { downloadName: 'me.webp' }))
  expect(url.origin + url.pathname).toBe(`${base}/${key}`)
  expect(url.searchParams.get('response-content-disposition')).toBe('attachment; filename="me.webp"')

  const command = new GetObjectCommand({ Bucket: 'pictures', Key: key })
  const sdk = new URL(await getSignedUrl(bucket.presigner, command))
  expect(url.host).toBe(sdk.host)
  expect(url.searchParams.get('X-Amz-Credential')).toBe(sdk.searchParams.get('X-Amz-Credential'))
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe('token')
  expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host')
})
