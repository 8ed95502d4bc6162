import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChildren } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { runUntilInterrupted } from '@/tools/process/run'
import { findFreePorts } from '@/tools/testing/ports'
import { buildBaseImages } from './base-images'
import { checkSite } from './check-site'
import { checkUnit } from './check-unit'
import { assertContainerEngineInstalled, startContainerEngine } from './container-engine'

const deploy = join(projectDirectory, 'deploy')

/** npm's own script; npm sets this variable for the scripts it runs. */
const { npm_execpath: npmScript = '' } = process.env

// Builds deploy/Dockerfile, runs deploy/compose.yaml with the profile "try", and uses the site. Verifies the unit file.
await runUntilInterrupted(async (signal) => {
  assertContainerEngineInstalled()
  const children = createChildren(30_000)
  const directory = await mkdtemp(join(tmpdir(), 'container-'))
  signal.addEventListener('abort', () => children.end())
  const engine = await startContainerEngine(children, directory)
  // A new name for each run: podman's DNS server would mix a network with what a killed run left of one.
  const project = `anyhost-test-${process.pid}`
  const compose = async (...args: string[]) => {
    const options = ['--project-name', project, '--env-file', environmentFile, '--profile', 'try']
    return engine.run('docker-compose', [...options, ...args], { cwd: deploy })
  }
  const environmentFile = join(directory, 'try.env')
  try {
    await step('unit file', () => checkUnit(engine, directory))
    const [sitePort = 0, storePort = 0] = await findFreePorts(2, [])
    await writeFile(environmentFile, await tryEnvironment(environmentFile, sitePort, storePort))
    const haproxy = 'docker.io/library/haproxy:3.2'
    const images = { node: 'docker.io/library/node:24-bookworm-slim', haproxy }
    await step('base images', () => buildBaseImages(engine, directory, npmScript, images))
    for (const [target, tag] of [
      ['host', 'anyhost'],
      ['store', 'anyhost-store'],
    ] as const) {
      await step(`image ${tag}`, () => buildImage(target, tag))
    }
    try {
      await step('docker-compose up', () => compose('up', '--detach', '--no-build'))
      await step('journey', () => checkSite(engine, `http://localhost:${sitePort}`))
    } catch (error) {
      console.error(await compose('logs', '--no-color', '--tail', '20'))
      throw error
    } finally {
      await compose('down', '--volumes')
    }
  } finally {
    await engine.unmount()
    await children.end()
    await rm(directory, { recursive: true, force: true })
    if (signal.aborted) process.exit(130)
  }
  process.exit(0)

  function buildImage(target: string, tag: string): Promise<string> {
    const key = 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY=b25seSB0byB0cnkgYW55aG9zdCBvbiBhIG1hY2hpbmU='
    const file = join(deploy, 'Dockerfile')
    const options = ['--format', 'docker', '--pull-never', '--layers', '--target', target, '--build-arg', key]
    return engine.run('buildah', ['bud', ...options, '--file', file, '--tag', tag, projectDirectory])
  }
})

/** Returns deploy/try.env with other ports, so that the site runs beside others on this machine. */
async function tryEnvironment(file: string, sitePort: number, storePort: number): Promise<string> {
  const text = await readFile(join(deploy, 'try.env'), 'utf8')
  const changes: Record<string, string> = {
    ENV_FILE: file,
    APP_ORIGIN: `http://localhost:${sitePort}`,
    S3_PUBLIC_ENDPOINT: `http://localhost:${storePort}`,
    PUBLISH: `127.0.0.1:${sitePort}`,
    PUBLISH_STORE: `127.0.0.1:${storePort}`,
    // The smallest host that docs/deploy.md recommends.
    HOST_MEMORY: '512m',
    CROP_MEMORY_BYTES: '300000000',
    // HAProxy needs two files per connection, and podman's containers have 4,096 here.
    MAX_CONNECTIONS: '1000',
  }
  const kept = text.split('\n').filter((line) => !((line.split('=')[0] as string) in changes))
  return [...kept, ...Object.entries(changes).map(([name, value]) => `${name}=${value}`)].join('\n')
}

async function step(name: string, run: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await run()
  console.log(`${name}: passed in ${Math.round((performance.now() - startedAt) / 1000)} s`)
}
