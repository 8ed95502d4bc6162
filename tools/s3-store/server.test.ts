import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStore } from './server'
import { presignedPath, send, sendSigned } from './signed-request'
import { account, createClient, startTestStore, type TestStore } from './test-store'

let it: TestStore

beforeAll(async () => {
  it = await startTestStore()
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

/** Writes raw bytes to the store and reads until the store closes the connection. */
function writeRaw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(it.store.port, '127.0.0.1', () => socket.end(bytes))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}

describe('the store', () => {
  test('listens on 127.0.0.1, localhost and, with IPv6, on ::1', async () => {
    const loopback = Object.values(networkInterfaces()).flat()
    const hasIpv6 = loopback.some((address) => address?.address === '::1')
    for (const host of ['127.0.0.1', 'localhost', ...(hasIpv6 ? ['[::1]'] : [])]) {
      const s3 = createClient(`http://${host}:${it.store.port}`)
      const { Buckets } = await s3.send(new ListBucketsCommand({}))
      expect(Buckets).toHaveLength(1)
    }
  })

  test('cannot be reached from another machine', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    // Link-local addresses need a scope, which URLs cannot contain.
    const outside = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    for (const { address, family } of outside) {
      const host = family === 'IPv6' ? `[${address}]` : address
      await expect(fetch(`http://${host}:${it.store.port}/`)).rejects.toThrow()
    }
  })

  test('reports a taken port', async () => {
    const directory = join(tmpdir(), 'store-that-never-was')
    const second = startStore({ directory, port: it.store.port, ...account })
    await expect(second).rejects.toThrow(`Port ${it.store.port} on 127.0.0.1 is taken.`)
  })

  test('responds with the headers Date, x-amz-request-id and Server', async () => {
    const { headers } = await send(it.store.endpoint, { method: 'GET', path: '/' })
    expect(headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/)
    expect(headers.server).toBe('DevelopmentStore')
    expect(Math.abs(Date.parse(String(headers.date)) - Date.now())).toBeLessThan(60_000)
  })

  test('uses the clock it was started with', async () => {
    const then = new Date('2031-02-03T04:05:06Z')
    const early = await startStore({ directory: join(it.directory, 'early'), port: 0, ...account, now: () => then })
    try {
      const { headers } = await send(early.endpoint, { method: 'GET', path: '/' })
      expect(headers.date).toBe('Mon, 03 Feb 2031 04:05:06 GMT')
      await sendSigned(early.endpoint, { method: 'PUT', path: '/pictures', signedAt: then })
      await sendSigned(early.endpoint, { method: 'PUT', path: '/pictures/x', body: 'x', signedAt: then })
      const head = await sendSigned(early.endpoint, { method: 'HEAD', path: '/pictures/x', signedAt: then })
      expect(head.headers['last-modified']).toBe('Mon, 03 Feb 2031 04:05:06 GMT')
    } finally {
      await early.close()
    }
  })

  test('closes while a client keeps a connection open', async () => {
    const other = await startTestStore()
    await other.s3.send(new CreateBucketCommand({ Bucket: 'kept-alive' }))
    await other.end()
  })

  test('serves twenty requests in parallel', async () => {
    const puts = Array.from({ length: 20 }, (_, index) =>
      it.s3.send(new PutObjectCommand({ Bucket: it.bucket, Key: `many/${index}`, Body: Buffer.alloc(100_000, index) })),
    )
    expect(await Promise.all(puts)).toHaveLength(20)
  })
})

describe('malformed input', () => {
  test.each([
    ['/%', 'InvalidURI'],
    ['/pictures/%E4', 'InvalidURI'],
    ['/pictures/%00%', 'InvalidURI'],
    ['/?%zz=1', 'InvalidURI'],
  ])('in the URL %s gets a 400 with XML', async (path, code) => {
    const answer = await send(it.store.endpoint, { method: 'GET', path })
    expect(answer).toMatchObject({ status: 400, code })
  })

  test.each([
    '*',
    'pictures',
    '//',
    '/pictures//',
    'http://elsewhere/pictures/x',
    '/?__proto__=1',
    '/__proto__/__proto__',
  ])('as the target %s is rejected and is not a fault', async (path) => {
    const answer = await send(it.store.endpoint, { method: 'GET', path })
    expect([400, 403]).toContain(answer.status)
    expect(answer.text).toContain('<Error><Code>')
  })

  test.each([
    '',
    'garbage',
    '<Delete>',
    '<Delete/>',
    '<Delete></Delete><Delete></Delete>',
    '<Other><Object><Key>a</Key></Object></Other>',
    '<Delete><Object><Key></Key></Object></Delete>',
    '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>',
    '<Delete><Object><Key><b/>x</Key></Object></Delete>',
    '<Delete><Object>text</Object></Delete>',
    '<Delete><__proto__>x</__proto__></Delete>',
    '<Delete><Object><Key>a&#1;b</Key></Object></Delete>',
    '<Delete><Object><Key>a&#x1F;b</Key></Object></Delete>',
    '<!DOCTYPE x [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>',
    '\u0000\u0001\u0002',
  ])('in the XML %j gets MalformedXML', async (body) => {
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    const request = { method: 'POST', path: '/pictures?delete=', body, headers }
    const answer = await sendSigned(it.store.endpoint, request)
    expect(answer).toMatchObject({ status: 400, code: 'MalformedXML' })
  })

  test.each([
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
    'PUT /pictures/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    '\u0000\u0001\u0002\r\n\r\n',
  ])('in the HTTP bytes (%#) gets only an error', async (bytes) => {
    expect(await writeRaw(bytes)).toMatch(/^HTTP\/1\.1 400 [\s\S]*<Error><Code>\w+<\/Code>/)
  })

  test('in the query of a presigned URL never causes a fault', async () => {
    const parameters = fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), { maxKeys: 5 })
    await fc.assert(
      fc.asyncProperty(parameters, fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST'), async (extra, method) => {
        const path = presignedPath(it.store.endpoint, { method, path: '/pictures/x', parameters: { ...extra } })
        const { status } = await send(it.store.endpoint, { method, path })
        expect(status === 200 || status === 204 || (status >= 400 && status < 500) || status === 501).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
