import { createServer, request as openRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { host, world } from '@/lib/images/test-support/shared-world'
import { createOwner, createPicture, cropOf, granted, type Host, idsOf, upload } from '@/lib/images/test-support/world'

// Proxies such as nginx with gzip make the ETags of answers weak. One that compares by the standard then answers 412 to
// every If-Match, because a weak ETag never matches it (RFC 9110, 13.1.1).

let proxy: Server
let behind: Host

beforeAll(async () => {
  const store = new URL(world.endpoint)
  proxy = createServer((received, response) => {
    if (received.headers['if-match']) {
      response.writeHead(412, { 'content-type': 'application/xml' })
      response.end('<Error><Code>PreconditionFailed</Code></Error>')
      return
    }
    const { method, url: path, headers } = received
    const forwarded = openRequest({ host: store.hostname, port: store.port, method, path, headers }, (answer) => {
      const { etag } = answer.headers
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(etag && { etag: `W/${etag}` }) })
      answer.pipe(response)
    })
    received.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))
  const { port } = proxy.address() as AddressInfo
  behind = await world.startHost({ variables: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` } })
})

afterAll(() => {
  proxy.closeAllConnections()
  proxy.close()
})

test('S12: crops and saves behind a proxy that makes ETags weak', async () => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const { etag } = granted(await behind.openUpload(owner, uploadId, null)).source
  expect(etag).toBe(granted(await host.openUpload(owner, uploadId, null)).source.etag)
  const first = granted(await behind.cropUpload(owner, { ...cropOf(uploadId), etag }))
  granted(await behind.cropUpload(owner, { ...cropOf(uploadId, 9), etag }))
  granted(await behind.saveImage(owner, idsOf(first)))
})

test('S12: still answers changed for another upload behind such a proxy', async () => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const changed = { ok: false, code: 'changed' }
  expect(await behind.cropUpload(owner, { ...cropOf(uploadId), etag: 'd41d8cd98f00b204e9800998ecf8427e' })).toEqual(
    changed,
  )
})

test.each(['"%s"', 'W/"%s"', '%s'])('S12: accepts the ETag of a request as %s', async (form) => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const { etag } = granted(await host.openUpload(owner, uploadId, null)).source
  granted(await host.cropUpload(owner, { ...cropOf(uploadId), etag: form.replace('%s', etag) }))
})
