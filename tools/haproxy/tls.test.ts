import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { missingPrograms } from '@/tools/process/installed-programs'
import { findFreePorts } from '@/tools/testing/ports'
import { type Balanced, balance, describeHaproxy, startTestHost } from './test-support/hosts'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const lacksOpenssl = missingPrograms(['openssl'], process.env.PATH ?? '').length > 0

let directory: string
let balanced: Balanced | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'haproxy-tls-'))
})

afterEach(async () => {
  await balanced?.end()
  await rm(directory, { recursive: true })
})

const securityHeaders = {
  'content-security-policy': expect.stringContaining("default-src 'none'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
}

/** Creates a certificate for localhost and its key in one file, and returns its path. */
async function makePem(): Promise<string> {
  const [key, certificate, pem] = ['key', 'certificate', 'site.pem'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '1']
  await promisify(execFile)('openssl', [...request, '-keyout', key, '-out', certificate])
  await writeFile(pem, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')), { mode: 0o600 })
  return pem
}

describeHaproxy('with a certificate', () => {
  // Skipped without openssl, except in CI, where it fails.
  test.skipIf(lacksOpenssl && !process.env.CI)('S39: serves HTTPS with HSTS and redirects HTTP to it', async () => {
    const [tlsPort] = await findFreePorts(1, [])
    const host = await startTestHost('a')
    balanced = await balance([host], { TLS_PEM: await makePem(), TLS_BIND: `127.0.0.1:${tlsPort}` })

    const getSecure = async (path: string) => {
      const sent = get({ host: '127.0.0.1', port: tlsPort, path, rejectUnauthorized: false, agent: false })
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      return response.resume()
    }
    const answer = await getSecure('/gallery')
    const rejected = await getSecure('/a/../b')
    const plain = await fetch(`${balanced.url}/gallery?page=2`, { redirect: 'manual' })

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
    expect(host.served[0]?.headers['x-forwarded-proto']).toBe('https')
    // A client ignores HSTS over HTTP, and a server must not send it (RFC 6797 §7.2).
    expect(plain.headers.get('strict-transport-security')).toBeNull()
    expect(Object.fromEntries(plain.headers)).toMatchObject({ ...securityHeaders, 'x-served-by': 'balancer' })
    expect(rejected.statusCode).toBe(400)
    expect(rejected.headers).toMatchObject({
      ...securityHeaders,
      'strict-transport-security': 'max-age=31536000',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(plain.status).toBe(308)
    expect(plain.headers.get('location')).toBe(`https://${new URL(balanced.url).host}/gallery?page=2`)
    expect(host.served).toHaveLength(1)
  })
})
