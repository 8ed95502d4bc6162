import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseEnv } from '@/lib/env'
import { fingerprint, formatFingerprint } from '@/lib/host/fingerprint'

const [first, second] = ['a', 'b'].map((letter) => letter.repeat(32)) as [string, string]
const environment = {
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'pictures',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: first,
}
const servers: Server[] = []

beforeEach(() => {
  vi.resetModules()
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
})

afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) server.close()
})

/** Starts a server that answers as a host with these variables. @returns its URL */
async function host(variables: Record<string, string> = {}, build = 'build-1'): Promise<string> {
  const configuration = formatFingerprint(fingerprint(parseEnv({ ...environment, ...variables })))
  return serve({ 'x-build': build, 'x-configuration': configuration })
}

async function serve(headers: Record<string, string>): Promise<string> {
  const server = createServer((_, response) => response.writeHead(503, headers).end('store\n'))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Compares hosts. @returns verdicts and texts */
async function compare(...urls: string[]) {
  const { checkHosts } = await import('./hosts')
  const findings = await checkHosts(urls)
  return { verdicts: findings.map(({ verdict }) => verdict), text: findings.map(({ message }) => message).join('\n') }
}

test('passes hosts with the same build, secrets and configuration, whatever their own limits', async () => {
  const { verdicts, text } = await compare(await host(), await host({ HOST_NAME: 'host-2', CROP_CONCURRENCY: '8' }))
  expect(verdicts).toEqual(['ok'])
  expect(text).toContain('2 hosts have the same build')
})

test('fails a host with other session secrets, and names both sides', async () => {
  const [good, bad] = [await host(), await host({ SESSION_SECRETS: second })]
  const { verdicts, text } = await compare(good, bad)
  expect(verdicts).toContain('failed')
  expect(text).toContain(`${bad} refuses sessions of ${good}`)
  expect(text).toContain(`${good} refuses sessions of ${bad}`)
})

describe('during a rotation of the session secret', () => {
  const steps = [first, `${first},${second}`, `${second},${first}`, second]

  test.each([0, 1, 2])('warns while step %d is not finished on all hosts', async (step) => {
    const [before, after] = steps.slice(step) as [string, string]
    vi.stubEnv('SESSION_SECRETS', before)
    const { verdicts, text } = await compare(
      await host({ SESSION_SECRETS: before }),
      await host({ SESSION_SECRETS: after }),
    )
    expect(verdicts).toEqual(['warning'])
    expect(text).toContain('SESSION_SECRETS are being rotated')
  })

  test('fails if a step is skipped', async () => {
    const skipped = await host({ SESSION_SECRETS: `${second},${first}` })
    const { verdicts, text } = await compare(await host(), skipped)
    expect(verdicts).toEqual(['failed'])
    expect(text).toContain(`refuses sessions of ${skipped}`)
  })

  test('still finds another configuration', async () => {
    const { text } = await compare(await host({ SESSION_SECRETS: `${first},${second}`, USER_QUOTA: '7' }))
    expect(text).toMatch(/has another USER_QUOTA than this environment/)
  })
})

test('fails a host with another bucket and origin, and names the variables', async () => {
  const bad = await host({ S3_BUCKET: 'others', APP_ORIGIN: 'http://localhost:4000' })
  const { verdicts, text } = await compare(await host(), bad)
  expect(verdicts).toEqual(['failed'])
  expect(text).toBe(`${bad} has another APP_ORIGIN, S3_BUCKET than this environment.`)
})

test('warns of different builds', async () => {
  const [one, other] = [await host(), await host({}, 'build-2')]
  const { verdicts, text } = await compare(one, other)
  expect(verdicts).toEqual(['warning'])
  expect(text).toBe(`The hosts run different builds: build-1 (${one}), build-2 (${other}).`)
})

test('fails for an address that is no host, and for one that does not answer', async () => {
  const { verdicts, text } = await compare(await serve({}), 'http://127.0.0.1:9')
  expect(verdicts).toEqual(['failed', 'failed'])
  expect(text).toMatch(/readyz has no fingerprint\.\nhttp:\/\/127\.0\.0\.1:9 does not answer \(\w+\)\./)
})
