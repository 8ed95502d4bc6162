import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'playwright/test'
import { removeState } from '@/e2e/state'
import { openStoreGate } from '@/e2e/store-gate'
import { projectDirectory } from '@/tools/process/project'
import { readBuildStamp } from '@/tools/stack/build'
import { hostEnvironment, inheritedEnvironment } from '@/tools/stack/host-environment'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { openStoreProxy } from '@/tools/testing/store-proxy'

// May include a build.
test.setTimeout(900_000)

let stateDirectory: string

test.beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'start-'))
})

test.afterEach(() => removeState(stateDirectory))

/** Starts one host. */
async function startHost(ports: { port: number; storePort: number }, env: Record<string, string>) {
  const stack = await startStack({ store: 'bundled', stateDirectory, ...ports, hosts: 1, env, log: () => {} })
  const [host] = stack.hosts as [(typeof stack.hosts)[number]]
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${host.port}${path}`)
    return `${answer.status} ${await answer.text()}`
  }
  return {
    get,
    stop: () => stack.stopHost(host.name),
    /** Restarts the host and resolves when it is ready. */
    start: () => stack.restartHost(host.name),
    /** Returns how often the host has logged this message. */
    async logged(message: string): Promise<number> {
      const log = await readFile(join(stateDirectory, 'logs', `${host.name}.log`), 'utf8')
      return log.split(`"msg":"${message}"`).length - 1
    },
    close: stack.close,
  }
}

test('S8: a host does not start on a store that accepts every upload, unless allowed', async () => {
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const proxy = await openStoreProxy(`http://127.0.0.1:${storePort}`, async (request, pass) => {
    const isUpload = request.method === 'POST' && !request.url.includes('?')
    return isUpload ? { status: 204, headers: {}, body: Buffer.alloc(0) } : pass()
  })
  const env = { AWS_ENDPOINT_URL_S3: proxy.endpoint }
  try {
    const failure = await startHost({ port, storePort }, env).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringContaining('host-1 did not start (exit code 1)') })
    const { output } = failure as { output: string }
    expect(output).toContain('This host cannot start.\n  anyhost: The store does not enforce signed uploads')
    expect(output).toContain('ALLOW_UNENFORCED_UPLOADS=true')

    const host = await startHost({ port, storePort }, { ...env, ALLOW_UNENFORCED_UPLOADS: 'true' })
    expect(await host.get('/readyz')).toBe('200 ready\n')
    expect(await host.logged('self-check: policy warning')).toBe(2)
    await host.close()
  } finally {
    await proxy.close()
  }
})

test('a host tolerates a short store outage, is unready in a long one, waits at start', async () => {
  const [port, storePort, gatePort] = (await findFreePorts(3, [])) as [number, number, number]
  const gate = await openStoreGate(gatePort, storePort)
  const host = await startHost({ port, storePort }, { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${gatePort}` })
  const ready = () => host.get('/readyz')
  try {
    await gate.shut()
    await expect
      .poll(async () => [await ready(), await host.logged('the store does not answer')])
      .toEqual(['200 ready\n', 1])
    await expect.poll(ready, { timeout: 60_000 }).toBe('503 store\n')
    expect(await host.get('/livez')).toBe('200 ok\n')
    await gate.open()
    await expect.poll(ready).toBe('200 ready\n')

    await host.stop()
    await gate.stall()
    const started = host.start()
    await expect.poll(() => host.get('/livez').catch(() => '')).toBe('200 ok\n')
    expect(await ready()).toBe('503 store\n')
    await gate.open()
    await started
    expect(await ready()).toBe('200 ready\n')
    // Two buckets, two starts.
    for (const check of ['store', 'clock', 'policy', 'cors']) {
      expect(await host.logged(`self-check: ${check} ok`)).toBe(4)
    }
  } finally {
    await host.close()
    await gate.shut()
  }
})

/** Returns the build of the project. Starting a stack has built it. */
async function readBuild() {
  const stamp = await readBuildStamp(projectDirectory)
  if (!stamp) throw new Error('There is no build.')
  const { artefact, serverActionsEncryptionKey } = stamp
  return { directory: join(projectDirectory, artefact), serverActionsEncryptionKey }
}

test('doctor finds a host with other session secrets, and the store on a healthy site', async () => {
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const otherSecrets = { SESSION_SECRETS: 'another-secret-of-32-characters!' }
  let envOfHost = {}
  const stack = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 2,
    envOfHost: (name) => (name === 'host-2' ? envOfHost : {}),
    log: () => {},
  })
  try {
    const build = await readBuild()
    const secrets = JSON.parse(await readFile(join(stateDirectory, 'secrets.json'), 'utf8'))
    const variables = hostEnvironment({ appOrigin: stack.origin, storePort, secrets, ...build })
    const doctor = async () => {
      const hosts = stack.hosts.map((host) => `http://127.0.0.1:${host.port}`).join(',')
      const run = promisify(execFile)(process.execPath, ['bucket.js', 'doctor', '--json', '--hosts', hosts], {
        cwd: build.directory,
        env: { ...inheritedEnvironment(), ...variables },
      })
      const { code = 0, stdout } = (await run.catch((error: unknown) => error)) as { code?: number; stdout: string }
      const findings: { check: string; verdict: string; message: string }[] = JSON.parse(stdout)
      const bad = findings.filter(({ check, verdict }) => verdict !== 'ok' && check !== 'distance')
      return { code, checks: findings.length, bad }
    }
    // Ten checks and the distance of each of two buckets, and the hosts.
    expect(await doctor()).toEqual({ code: 0, checks: 21, bad: [] })

    envOfHost = otherSecrets
    await stack.restartHost('host-2')
    const { code, bad } = await doctor()
    expect(code).toBe(1)
    expect(bad[0]).toMatchObject({ check: 'hosts', verdict: 'failed' })
    expect(bad[0]?.message).toContain('People are signed out, because SESSION_SECRETS differ')
  } finally {
    await stack.close()
  }
})

test('a host whose image library does not load stops with a sentence', { tag: '@long' }, async () => {
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const working = await startHost({ port, storePort }, {})
  await working.close()
  const build = await readBuild()
  const directory = join(stateDirectory, 'broken')
  await cp(build.directory, directory, { recursive: true, verbatimSymlinks: true })
  // The compiled part of sharp.
  await rm(join(directory, 'node_modules/@img'), { recursive: true })

  const failure = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 1,
    build: { ...build, directory },
    log: () => {},
  }).catch((error: unknown) => error)

  expect(failure).toMatchObject({ message: expect.stringContaining('host-1 did not start (exit code 1)') })
  const { output } = failure as { output: string }
  expect(output).toContain('This host cannot start.\n  The image library sharp does not work on this machine: ')
  expect(output).toContain('Copy the whole artefact, with its symbolic links')
})
