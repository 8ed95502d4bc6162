import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { createChildren } from '@/tools/process/child-process'
import { findFreePorts } from '@/tools/testing/ports'
import { pathWithSystemPrograms } from './haproxy-package'
import { configFile, startHaproxy } from './start-haproxy'
import { type Balanced, balance, describeHaproxy, startTestHost } from './test-support/hosts'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const run = promisify(execFile)
let balanced: Balanced | undefined

afterEach(async () => {
  await balanced?.end()
  balanced = undefined
})

/** Runs `haproxy -c` on the configuration with only these variables and returns its output. */
async function check(env: Record<string, string>, file = configFile): Promise<string> {
  const environment = { PATH: pathWithSystemPrograms(), NODE_ENV: process.env.NODE_ENV, ...env }
  const { stdout, stderr } = await run('haproxy', ['-c', '-f', file], { env: environment }).catch((error) => error)
  return `${stdout}${stderr}`
}

describeHaproxy('deploy/haproxy.cfg', () => {
  test('is valid with only HOST_1 set, and with every variable set', async () => {
    const hosts = Object.fromEntries([1, 2, 3, 4, 5, 6].map((host) => [`HOST_${host}`, `10.0.0.${host}:3000`]))
    const directory = await mkdtemp(join(tmpdir(), 'haproxy-check-'))
    const all = {
      ...hosts,
      BIND: '*:8080,:::8080',
      PUBLIC_SCHEME: 'https',
      TRUSTED_PROXIES: '10.0.0.0/8 2001:db8::/32',
      CLIENT_ADDRESS_HEADER: 'cf-connecting-ip',
      CROPS_PER_MINUTE: '1',
      WRITES_PER_MINUTE: '1',
      READS_PER_MINUTE: '1',
      NEW_GUESTS_PER_HOUR: '1',
      CONNECTIONS_PER_CLIENT: '1',
      MAX_HEADER_BYTES: '1',
      MAX_BODY_BYTES: '1',
      MAX_CONNECTIONS: '10',
      HOST_CONNECTIONS: '1',
      STATS_SOCKET: join(directory, 'admin.sock'),
      UNPRIVILEGED: 'yes',
    }

    expect(await check({ HOST_1: '10.0.0.1:3000' })).toBe('Configuration file is valid\n')
    expect(await check(all)).toBe('Configuration file is valid\n')
    expect(await check({ ...all, TLS_PEM: join(directory, 'site.pem') })).toContain('site.pem')
    await rm(directory, { recursive: true })
  })

  test('names the variable to set if there is no host', async () => {
    expect(await check({})).toContain('HOST_1 is not set. Set the address of each host: HOST_1=address:port')
  })

  test('warns if all visitors would share the limits of one address', async () => {
    const env = { HOST_1: '10.0.0.1:3000', PUBLIC_SCHEME: 'https' }
    expect(await check(env)).toContain('TRUSTED_PROXIES is not set.')
    expect(await check({ ...env, TRUSTED_PROXIES: '10.0.0.0/8' })).toBe('Configuration file is valid\n')
  })

  test('documents every variable that it reads at its top', async () => {
    const [head = '', body = ''] = (await readFile(configFile, 'utf8')).split('\nglobal\n')
    const read = new Set([...body.matchAll(/\$\{([A-Z_\d]+)|defined\(([A-Z_\d]+)\)/g)].map(([, a, b]) => a ?? b ?? ''))

    expect(read.size).toBeGreaterThan(10)
    for (const name of read) expect(head).toContain(name.replace(/^HOST_\d$/, 'HOST_1 … HOST_6'))
  })

  test('is valid with the server-template line for hosts by DNS', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'haproxy-dns-'))
    const file = join(directory, 'haproxy.cfg')
    const config = await readFile(configFile, 'utf8')
    const template = /# (server-template .*)/.exec(config)?.[1]
    const numbered = /(\n\tserver host-1 .*(\n\.if defined\(HOST_\d\)\n\tserver .*\n\.endif)*)/g
    await writeFile(
      file,
      `${config.replaceAll(numbered, `\n\t${template}`)}\nresolvers dns\n\tparse-resolv-conf\n\tnameserver own 127.0.0.1:53\n`,
    )

    expect(await check({ HOST_1: 'by DNS' }, file)).toBe('Configuration file is valid\n')
    await rm(directory, { recursive: true })
  })
})

describeHaproxy('startHaproxy', () => {
  test('rejects with the output of HAProxy if the port is taken', async () => {
    const [port = 0] = await findFreePorts(1, [])
    const server = createServer().listen({ port, host: '127.0.0.1' })
    const children = createChildren()

    const failed = startHaproxy({ port, hosts: [{ name: 'a', port: 1 }], children, onLine: () => {} })

    await expect(failed).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining('HAProxy did not start (exit code 1)'),
        output: expect.stringContaining(`127.0.0.1:${port}`),
      }),
    )
    server.close()
  })

  test('rejects more hosts than the configuration supports', async () => {
    const hosts = Array.from({ length: 7 }, (_, index) => ({ name: String(index), port: index + 1 }))
    const started = startHaproxy({ port: 1, hosts, children: createChildren(), onLine: () => {} })

    await expect(started).rejects.toThrow('supports 6 hosts, not 7')
  })

  test('loses no running or new request during a reload', async () => {
    let finish = () => {}
    const host = await startTestHost('a', (incoming, outgoing) => {
      if (incoming.url !== '/api/crop') outgoing.end('ok')
      else finish = () => outgoing.end('cropped')
    })
    balanced = await balance([host], { WRITES_PER_MINUTE: '1000000' })
    const { url, haproxy } = balanced
    const crop = fetch(`${url}/api/crop`, { method: 'POST', body: '{}' })
    await vi.waitFor(() => expect(host.served).toHaveLength(1), { timeout: 60_000 })
    let isReloading = true
    const lanes = [1, 2, 3].map(async () => {
      const answers: string[] = []
      while (isReloading) {
        // A new connection each time: the old process may close an idle one.
        const answer = await fetch(url, { method: 'POST', body: '{}', headers: { connection: 'close' } })
        answers.push(await answer.text())
        await sleep(1)
      }
      return answers
    })

    await haproxy.reload()
    await haproxy.reload()
    isReloading = false

    const answers = (await Promise.all(lanes)).flat()
    expect(answers.length).toBeGreaterThan(0)
    expect(new Set(answers)).toEqual(new Set(['ok']))
    finish()
    expect(await (await crop).text()).toBe('cropped')
  })

  test('close ends HAProxy and frees the port', async () => {
    const { haproxy, url, end } = await balance([await startTestHost('a')])
    expect((await fetch(url)).status).toBe(200)

    await end()

    await expect(fetch(url)).rejects.toThrow()
    await haproxy.ended
    expect(() => process.kill(haproxy.pid ?? 0, 0)).toThrow('ESRCH')
  })
})
