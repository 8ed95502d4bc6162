import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { ApiClient } from '@/tools/testing/api-client'
import { sendRequest } from '@/tools/testing/http'
import { paintPhoto } from '@/tools/testing/photos'
import type { ContainerEngine } from './container-engine'

const hosts = ['host-1', 'host-2', 'host-3']
const startTimeoutMs = 120_000

/**
 * Uses a site that docker-compose has started: the journey on three hosts, the same after a host was killed, the health
 * check, a drain, and what the containers must not be able to do.
 */
export async function checkSite(engine: ContainerEngine, origin: string): Promise<void> {
  await waitForHosts(origin, hosts)
  const person = await ApiClient.signIn({ origin })
  await saveOne(person)

  const [first = '', second = '', third = ''] = await findContainers(engine, hosts)
  for (const id of [first, second, third]) await engine.run('podman', ['healthcheck', 'run', id])
  const inspected: Inspected[] = JSON.parse(await engine.run('podman', ['inspect', first]))
  const { HostConfig, Config } = inspected[0] as Inspected
  assert.equal(HostConfig.ReadonlyRootfs, true)
  assert.equal(HostConfig.Memory, 512 * 2 ** 20)
  assert.equal(Config.User, 'node')
  const status = await engine.run('podman', ['exec', first, 'cat', '/proc/1/status'])
  assert.match(status, /^CapEff:\s*0+$/m)
  assert.match(status, /^NoNewPrivs:\s*1$/m)

  await engine.run('podman', ['kill', first])
  for (let round = 0; round < 3; round += 1) await saveOne(person)
  await engine.run('podman', ['stop', second])
  const stopped: Inspected[] = JSON.parse(await engine.run('podman', ['inspect', second]))
  assert.equal(stopped[0]?.State.ExitCode, 143, 'a host that gets SIGTERM drains and exits with 143')
  await saveOne(person)
  assert.equal((await person.gallery()).length, 5)
}

interface Inspected {
  HostConfig: { ReadonlyRootfs: boolean; Memory: number }
  Config: { User: string }
  State: { ExitCode: number }
}

/** Waits until the balancer has answered from each host. */
async function waitForHosts(origin: string, expected: string[]): Promise<void> {
  const seen = new Set<string>()
  const deadline = performance.now() + startTimeoutMs
  while (!expected.every((host) => seen.has(host))) {
    assert.ok(performance.now() < deadline, `answers came only from: ${[...seen].join(', ')}`)
    const response = await sendRequest({ method: 'GET', url: new URL('/livez', origin), headers: {} }).catch(() => null)
    const host = response?.headers['x-served-by']
    if (response?.status === 200 && typeof host === 'string') seen.add(host)
    else await sleep(500)
  }
}

async function findContainers({ run }: ContainerEngine, names: string[]): Promise<string[]> {
  const find = (name: string) =>
    run('podman', ['ps', '--quiet', '--filter', `label=com.docker.compose.service=${name}`])
  return Promise.all(names.map(find))
}

/** Uploads a photo of 12 megapixels, crops and saves it. */
async function saveOne(person: ApiClient): Promise<void> {
  photo ??= await sharp(paintPhoto(4000, 3000), { raw: { width: 4000, height: 3000, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
  const uploadId = await person.upload({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: photo })
  const { cropId } = await person.crop({ uploadId, area: { x: 500, y: 0, width: 3000, height: 3000 } })
  await person.save({ uploadId, cropId })
}

let photo: Buffer | undefined
