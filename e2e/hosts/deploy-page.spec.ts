import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'playwright/test'
import { portrait, portraitArea } from '@/e2e/photos'
import { missingCephPrograms } from '@/tools/ceph/ceph-packages'
import { startCeph } from '@/tools/ceph/start-ceph'
import { missingHaproxyPrograms, pathWithSystemPrograms } from '@/tools/haproxy/haproxy-package'
import { configFile } from '@/tools/haproxy/start-haproxy'
import { createChildren } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import { ApiClient } from '@/tools/testing/api-client'
import { findFreePorts } from '@/tools/testing/ports'

const missing = [...missingCephPrograms(), ...missingHaproxyPrograms()]
test.skip(missing.length > 0 && !process.env.CI, `needs Debian packages: ${missing.join(', ')} are missing`)
// May include a build.
test.setTimeout(600_000)

const page = join(projectDirectory, 'docs/deploy.md')

/** Reads the commands that docs/deploy.md marks with ```sh tested, in order. */
async function readCommands(): Promise<string> {
  const blocks = (await readFile(page, 'utf8')).matchAll(/^```sh tested\n(.*?)^```$/gms)
  return Array.from(blocks, ([, block]) => block).join('')
}

const createKeys = () => ({
  accessKeyId: randomBytes(10).toString('hex'),
  secretAccessKey: randomBytes(20).toString('hex'),
})

test('the commands of docs/deploy.md take an empty radosgw to a site on three hosts', async () => {
  const storeChildren = createChildren()
  const children = createChildren()
  const lines: string[] = []
  const onLine = (line: string) => void lines.push(line)
  const directory = await mkdtemp(join(tmpdir(), 'deploy-page-'))
  const ports = await findFreePorts(5, [])
  const [port, storePort, ...hostPorts] = ports as [number, number, number, number, number]
  const origin = `http://localhost:${port}`
  const operator = createKeys()
  const hosts = { uid: 'hosts', ...createKeys() }
  try {
    const env = inheritedEnvironment()
    const serverActionsEncryptionKey = randomBytes(32).toString('base64')
    const build = await buildOnce({ children, serverActionsEncryptionKey, env, force: false, onLine: () => {} })
    const ceph = {
      children,
      directory: join(directory, 'ceph'),
      port: storePort,
      env,
      onLine: () => {},
      keepsData: false,
    }
    await mkdir(ceph.directory)
    await startCeph({ ...ceph, ...operator, otherUser: hosts })

    // What the page asks for before the first command.
    await symlink(build.directory, join(directory, 'anyhost'))
    await copyFile(configFile, join(directory, 'haproxy.cfg'))
    await mkdir(join(directory, '.aws'))
    const profiles = Object.entries({ operator, hosts }).map(
      ([name, { accessKeyId, secretAccessKey }]) =>
        `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    )
    await writeFile(join(directory, '.aws/credentials'), profiles.join(''))
    const variables = {
      APP_ORIGIN: origin,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${storePort}`,
      S3_PUBLIC_ENDPOINT: `http://localhost:${storePort}`,
      S3_FORCE_PATH_STYLE: 'true',
      S3_BUCKET: 'my-photos',
      S3_BUCKET_COVERS: 'my-covers',
      AUTH_MODE: 'guest',
      DRAIN_MS: '2000',
      SESSION_SECRETS: randomBytes(32).toString('base64'),
      NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: build.serverActionsEncryptionKey,
    }
    const file = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`)
    await writeFile(join(directory, '.env'), file.join(''))

    const commands = await readCommands()
    expect(commands.match(/(?<=bucket\.js )\w+/g)).toEqual(['create', 'policy', 'doctor', 'doctor'])
    const withPorts = hostPorts.reduce(
      (text, own, index) => text.replaceAll(String(3001 + index), String(own)),
      commands,
    )
    const shell = children.start({
      name: 'bash',
      command: 'bash',
      args: ['-ec', `trap 'kill $(jobs -p); wait' EXIT TERM\n${withPorts}\necho all commands succeeded\nwait`],
      cwd: directory,
      env: {
        ...env,
        HOME: directory,
        NODE_ENV: 'production',
        PATH: pathWithSystemPrograms(`${dirname(process.execPath)}:${process.env.PATH}`),
        BIND: `127.0.0.1:${port}`,
        UNPRIVILEGED: 'yes',
      },
      onLine,
    })
    const output = () => lines.filter((line) => !line.startsWith('{')).join('\n')
    const failed = shell.ended.then(() => Promise.reject(new Error(`A command failed:\n${output()}`)))
    failed.catch(() => undefined)
    const succeeded = expect.poll(output, { timeout: 300_000 }).toContain('all commands succeeded')
    await Promise.race([succeeded, failed])

    // The balancer checks the hosts every second.
    const status = async () => (await fetch(`${origin}/readyz`).catch(() => null))?.status
    await expect.poll(status, { timeout: 60_000 }).toBe(200)

    const person = await ApiClient.signIn({ origin })
    const uploadId = await person.at(`http://127.0.0.1:${hostPorts[0]}`).upload(await portrait())
    const crop = await person.at(`http://127.0.0.1:${hostPorts[1]}`).crop({ uploadId, area: portraitArea() })
    const saved = await person.at(`http://127.0.0.1:${hostPorts[2]}`).save(crop)
    expect((await person.gallery()).map(({ imageId }) => imageId)).toEqual([saved.imageId])
    expect((await fetch(saved.variants[0]?.url ?? '')).status).toBe(200)
  } finally {
    await children.end()
    await storeChildren.end()
    await rm(directory, { recursive: true, force: true })
  }
})
