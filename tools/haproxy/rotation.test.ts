import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type Balanced, balance, describeHaproxy, namesOf, startTestHost, type TestHost } from './test-support/hosts'

// HAProxy checks health every second. Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })
const waitOptions = { timeout: 60_000, interval: 50 }

let balanced: Balanced | undefined

afterEach(async () => {
  await balanced?.end()
  balanced = undefined
})

async function start(...hosts: TestHost[]): Promise<Balanced> {
  balanced = await balance(hosts)
  return balanced
}

async function stateOf({ haproxy }: Balanced, name: string): Promise<string> {
  return (await haproxy.hostStates()).get(name) ?? ''
}

describeHaproxy('the rotation', () => {
  test('is strict round robin for all clients', async () => {
    const { url } = await start(await startTestHost('a'), await startTestHost('b'), await startTestHost('c'))
    const [first] = await namesOf(url, 1, { headers: { cookie: 'session=1' } })

    const names = [first, ...(await namesOf(url, 5, { headers: { cookie: 'session=1' } }))]
    expect(names.slice(3)).toEqual(names.slice(0, 3))
    expect(names.slice(0, 3).sort()).toEqual(['a', 'b', 'c'])
  })

  test('a draining host gets no new requests, finishes the running ones and comes back', async () => {
    let finish = () => {}
    const draining = await startTestHost('draining', (incoming, outgoing) => {
      if (incoming.url !== '/api/crop') outgoing.end()
      else finish = () => outgoing.end('cropped')
    })
    const running = await start(draining, await startTestHost('other'))
    // Two crops, so that the draining host gets one of them.
    const crops = [0, 1].map(() => fetch(`${running.url}/api/crop`, { method: 'POST', body: '{}' }))
    await vi.waitFor(() => expect(draining.served).toHaveLength(1), waitOptions)

    draining.isDraining = true
    await vi.waitFor(async () => expect(await stateOf(running, 'draining')).toBe('DOWN'), waitOptions)
    expect(await namesOf(running.url, 4)).toEqual(['other', 'other', 'other', 'other'])
    expect(await namesOf(`${running.url}/_next/static/a.js`, 2)).toEqual(['other', 'other'])
    finish()
    const answers = await Promise.all(crops.map(async (crop) => (await crop).text()))
    expect(answers).toContain('cropped')

    draining.isDraining = false
    await running.haproxy.whenUp('draining')
    expect(new Set(await namesOf(running.url, 2))).toEqual(new Set(['draining', 'other']))
  })
})

describeHaproxy('when a host dies', () => {
  test('later requests of any method reach another host, complete and once', async () => {
    const [a, b, dead] = [await startTestHost('a'), await startTestHost('b'), await startTestHost('dead')]
    const { url } = await start(a, b, dead)
    const body = 'body '.repeat(6_000)
    await dead.stop()

    for (const method of ['GET', 'POST', 'GET', 'POST', 'GET', 'POST', 'GET', 'POST']) {
      const answer = await fetch(url, method === 'GET' ? {} : { method, body })
      const name = answer.headers.get('x-served-by')
      expect(await answer.text()).toBe(method === 'GET' ? `${name} GET ` : `${name} POST ${body}`)
    }
    expect(a.served.length + b.served.length).toBe(8)
  })

  test('requests wait in the queue while all other hosts are at their limit', async () => {
    const waiting: (() => void)[] = []
    const full = await startTestHost('full', (_incoming, outgoing) => waiting.push(() => outgoing.end('done')))
    const dead = await startTestHost('dead')
    balanced = await balance([full, dead], { HOST_CONNECTIONS: '1' })
    const { url } = balanced
    await dead.stop()
    const postOnce = () => fetch(url, { method: 'POST', body: '{}' }).then((answer) => answer.status)

    const first = postOnce()
    await vi.waitFor(() => expect(waiting).toHaveLength(1), waitOptions)
    const others = [postOnce(), postOnce(), postOnce()]
    for (let served = 1; served <= 4; served += 1) {
      await vi.waitFor(() => expect(waiting).toHaveLength(served), waitOptions)
      // Long enough for a wrong configuration to reject the waiting requests.
      await sleep(100)
      waiting.at(-1)?.()
    }
    expect(await Promise.all([first, ...others])).toEqual([200, 200, 200, 200])
  })

  test('a POST that it did not answer gets a 502 problem and is not retried', async () => {
    const broken = [await startBroken('a'), await startBroken('b'), await startBroken('c')]
    const { url } = await start(...broken)

    const answer = await fetch(`${url}/api/images`, { method: 'POST', body: 'once' })

    expect(answer.status).toBe(502)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status: 502, code: 'internal' })
    expect(broken.flatMap(({ served }) => served)).toHaveLength(1)
  })

  test('a GET that it did not answer is retried on the next host', async () => {
    const { url } = await start(await startBroken('broken'), await startTestHost('alive'))

    expect(await namesOf(url, 4)).toEqual(['alive', 'alive', 'alive', 'alive'])
  })

  test('and no host is left, API, pages and actions get a 503 in their own format', async () => {
    const only = await startTestHost('only')
    const running = await start(only)
    await only.stop()
    await vi.waitFor(async () => expect(await stateOf(running, 'only')).toBe('DOWN'), waitOptions)

    const api = await fetch(`${running.url}/api/images`)
    expect(api.headers.get('content-type')).toBe('application/problem+json')
    expect(await api.json()).toMatchObject({ type: 'about:blank', status: 503, code: 'busy' })
    const page = await fetch(`${running.url}/gallery`)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).toContain('This page reloads by itself.')
    // Next's client passes only this content type on to the page.
    const action = await fetch(`${running.url}/upload`, { method: 'POST', headers: { 'next-action': '1' }, body: '[]' })
    expect(action.headers.get('content-type')).toBe('text/plain')
    expect(await action.json()).toMatchObject({ code: 'busy' })
    for (const { status, headers } of [api, page, action]) {
      expect(status).toBe(503)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(headers.get('x-served-by')).toBe('balancer')
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
      expect(headers.get('cache-control')).toBe('no-store')
    }

    await only.start()
    await running.haproxy.whenUp('only')
    expect(await namesOf(running.url, 1)).toEqual(['only'])
  })
})

describeHaproxy('two builds', () => {
  const file = '/_next/static/chunks/new.js'
  const startBuild = (name: string, hasFile: boolean) =>
    startTestHost(name, (incoming, outgoing) => {
      // Takes a little while, so that requests overlap.
      setTimeout(() => outgoing.writeHead(hasFile && incoming.url?.startsWith(file) ? 200 : 404).end(), 5)
    })
  const counts = (hosts: TestHost[], path: string) =>
    hosts.map(({ served }) => served.filter(({ url }) => url === path).length)

  test.each([1, 2, 3, 6])(
    'the only one of %i hosts that has a file is found, also by parallel requests',
    async (count) => {
      const names = Array.from({ length: count }, (_, index) => `host-${index}`)
      const hosts = await Promise.all(names.map((name, index) => startBuild(name, index === 0)))
      const { url } = await start(...hosts)

      const answers = await Promise.all(Array.from({ length: 60 }, (_, id) => fetch(`${url}${file}?${id}`)))

      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 200))
      for (let id = 0; id < 60; id += 1)
        for (const count of counts(hosts, `${file}?${id}`)) expect(count).toBeLessThan(2)
    },
  )

  test.each([2, 3, 6])('a file that none of %i hosts has costs one request per host', async (count) => {
    const hosts = await Promise.all(Array.from({ length: count }, (_, index) => startBuild(`host-${index}`, false)))
    const { url } = await start(...hosts)
    const paths = Array.from({ length: 20 }, (_, id) => `/_next/static/chunks/nowhere-${id}.js`)

    const answers = await Promise.all(paths.map((path) => fetch(url + path)))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    for (const path of paths) expect(counts(hosts, path)).toEqual(Array.from({ length: count }, () => 1))
  })

  test('a file is found while another host has just died', async () => {
    const hosts = [await startBuild('old', false), await startBuild('dead', true), await startBuild('new', true)]
    const { url } = await start(...hosts)
    await hosts[1]?.stop()

    for (let turn = 0; turn < 12; turn += 1) expect((await fetch(url + file)).status).toBe(200)
  })

  test('a missing page is not retried on other hosts', async () => {
    const hosts = [await startBuild('a', false), await startBuild('b', false)]
    const { url } = await start(...hosts)

    expect((await fetch(`${url}/nowhere`)).status).toBe(404)

    expect(counts(hosts, '/nowhere').sort()).toEqual([0, 1])
  })
})

describeHaproxy('when a client disconnects', () => {
  test('its request to the host is aborted', async () => {
    const ended = vi.fn()
    const host = await startTestHost('a', (_incoming, outgoing) => outgoing.on('close', ended))
    const { url } = await start(host)
    const client = new AbortController()
    const answer = fetch(url, { method: 'POST', body: '{}', signal: client.signal }).catch((error: unknown) => error)
    await vi.waitFor(() => expect(host.served).toHaveLength(1), waitOptions)
    expect(ended).not.toHaveBeenCalled()

    client.abort()

    expect(await answer).toMatchObject({ name: 'AbortError' })
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), waitOptions)
  })

  test('its request leaves the queue', async () => {
    const host = await startTestHost('a', () => {})
    balanced = await balance([host], { HOST_CONNECTIONS: '1' })
    const { url, lines } = balanced
    const running = fetch(url, { method: 'POST', body: '{}' }).catch((error: unknown) => error)
    await vi.waitFor(() => expect(host.served).toHaveLength(1), waitOptions)

    // A client may disconnect before HAProxy has read its request. A queued request is logged as client (C), queue (Q).
    await vi.waitFor(async () => {
      const client = new AbortController()
      const answer = fetch(url, { method: 'POST', body: '{}', signal: client.signal }).catch((error: unknown) => error)
      await sleep(200)
      client.abort()
      await answer
      expect(lines.some((line) => line.includes('"ended":"CQ"'))).toBe(true)
    }, waitOptions)
    expect(host.served).toHaveLength(1)
    await balanced.end()
    await running
    balanced = undefined
  })
})

/** Starts a host that reads a request and closes the connection. */
function startBroken(name: string): Promise<TestHost> {
  return startTestHost(
    name,
    (incoming) => void incoming.on('data', () => {}).on('end', () => incoming.socket.destroy()),
  )
}
