import { gunzipSync } from 'node:zlib'
import type { Family } from './figure'
import { type Answer, type Person, signIn } from './person'
import { actionId } from './site-build'
import { startTcpCounter, type TcpCounter } from './tcp-counter'

const fileBytes = 5_000_000
/** What a browser of today sends with a request of a page, as long as it is. */
const browserHeaders = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.9',
  'sec-ch-ua': '"Chromium";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
}

/** The bytes that pass a host during an upload of 5 MB, on its connections to the browser and to the store. */
export const bytes: Family = {
  name: 'bytes',
  figures: [
    {
      name: 'bytes',
      unit: 'kB',
      goal: 16,
      better: 'lower',
      about: 'bytes between browsers and a host for an upload of 5 MB: page data, action, status',
    },
    {
      name: 'bytes-to-store',
      unit: 'kB',
      goal: null,
      better: 'lower',
      about: 'bytes between that host and the store meanwhile: quota, current picture, status',
    },
    {
      name: 'bytes-through-host',
      unit: 'kB',
      goal: null,
      better: 'lower',
      about: 'both together for an upload that goes through the host',
    },
  ],
  async run(bench) {
    const site = await bench.site()
    const storeSide = await startTcpCounter(site.storePort)
    const host = await site.startHost({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${storeSide.port}` })
    const browserSide = await startTcpCounter(host.port)
    const counters = { browserSide, storeSide }
    try {
      const person = await signIn(host.port, site.origin)
      const direct = await countDirect(person, counters)
      const through = await countThrough(person, counters)
      const { document, ...steps } = direct.parts
      const parts = Object.entries(steps).map(([name, count]) => `${name} ${kilobytes(count).toFixed(1)}`)
      return [
        {
          name: 'bytes',
          value: kilobytes(direct.browser),
          spread: null,
          note: `kB: ${parts.join(', ')}; the page as a whole document ${kilobytes(document).toFixed(1)}`,
        },
        { name: 'bytes-to-store', value: kilobytes(direct.store), spread: null, note: '' },
        {
          name: 'bytes-through-host',
          value: kilobytes(through.browser + through.store),
          spread: null,
          note: `kB: browser ${kilobytes(through.browser).toFixed(0)}, store ${kilobytes(through.store).toFixed(0)}`,
        },
      ]
    } finally {
      await host.end()
      await Promise.all([browserSide.close(), storeSide.close()])
    }
  },
}

interface Counters {
  browserSide: TcpCounter
  storeSide: TcpCounter
}

/** As the app does it: the page's data, the action that issues the upload, and the crop page, which knows that it arrived. */
async function countDirect(person: Person, { browserSide, storeSide }: Counters) {
  const { port } = browserSide
  const startUpload = await actionId('startUpload')
  const parts = { document: 0, page: 0, action: 0, status: 0 }

  async function count(part: keyof typeof parts, send: () => Promise<Answer>): Promise<Answer> {
    browserSide.reset()
    const answer = await send()
    if (answer.status !== 200) throw new Error(`${part} was answered ${answer.status}`)
    parts[part] = browserSide.bytes
    return answer
  }

  /** A page's data, as a browser requests it from another page: without what that page has already. */
  async function countPage(part: 'page' | 'status', path: string, from: unknown): Promise<void> {
    const headers = { ...browserHeaders, rsc: '1', 'next-router-state-tree': encodeURIComponent(JSON.stringify(from)) }
    // Next redirects to a URL with a hash of the headers, which a browser computes.
    const redirect = await person.ask(port, 'GET', path, undefined, headers)
    const { pathname, search } = new URL(redirect.headers.location ?? path, 'http://localhost')
    await count(part, () => person.ask(port, 'GET', pathname + search, undefined, headers))
  }

  await count('document', () =>
    person.ask(port, 'GET', '/upload', undefined, { ...browserHeaders, accept: 'text/html' }),
  )
  storeSide.reset()
  await countPage('page', '/upload', routerTree(routerPage))
  const action = { accept: 'text/x-component', 'content-type': 'text/plain;charset=UTF-8', 'next-action': startUpload }
  const input = [{ collection: 'avatars', contentType: 'image/jpeg', size: fileBytes }]
  const issued = await count('action', () =>
    person.ask(port, 'POST', '/upload', input, { ...browserHeaders, ...action }),
  )
  const ticket = readTicket(readText(issued))

  const form = new FormData()
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value)
  form.append('file', new Blob([Buffer.alloc(fileBytes, 1)]))
  const stored = await fetch(ticket.url, { method: 'POST', body: form })
  if (!stored.ok) throw new Error(`the store answered ${stored.status}`)

  const uploadPage = ['upload', { children: routerPage }, null, null]
  await countPage('status', `/crop/${ticket.uploadId}`, routerTree(uploadPage))
  return { browser: parts.page + parts.action + parts.status, store: storeSide.bytes, parts }
}

/** The state of Next's router: the root layout, and below it a page or a segment with one. */
function routerTree(children: unknown): unknown {
  const isRootLayout = 16
  return ['', { children }, null, null, isRootLayout]
}

const routerPage = ['__PAGE__', {}, null, null]

function readText({ headers, body }: Answer): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

/** Finds the line of React's answer that contains the ticket. */
function readTicket(answer: string): { uploadId: string; url: string; fields: Record<string, string> } {
  for (const line of answer.split('\n')) {
    const json = line.slice(line.indexOf(':') + 1)
    if (!json.startsWith('{')) continue
    const { value } = JSON.parse(json)
    if (value?.uploadId && value.fields) return value
  }
  throw new Error(`no upload was issued: ${answer.slice(0, 300)}`)
}

/** What the app does not do. */
async function countThrough(person: Person, { browserSide, storeSide }: Counters) {
  browserSide.reset()
  storeSide.reset()
  // As JSON it would be longer: a text of one letter, in quotes, passes for a file.
  const answer = await person.ask(browserSide.port, 'POST', '/bench/upload', 'x'.repeat(fileBytes - 2), browserHeaders)
  if (answer.status !== 201) throw new Error(`the upload through the host was answered ${answer.status}`)
  return { browser: browserSide.bytes, store: storeSide.bytes }
}

function kilobytes(count: number): number {
  return count / 1000
}
