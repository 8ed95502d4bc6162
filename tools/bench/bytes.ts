import { gunzipSync } from 'node:zlib'
import type { UploadTicket } from '@/lib/images/schema'
import { type ApiClient, sendFile } from '@/tools/testing/api-client'
import { expectStatus, type HttpResponse } from '@/tools/testing/http'
import { type Family, lowerIsBetter } from './figure'
import { signIn } from './person'
import { actionId } from './site-build'
import { startTcpCounter, type TcpCounter } from './tcp-counter'

const fileBytes = 5_000_000
/** Headers of the same length as a current browser sends for a request of a page. */
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

/** Bytes between a host and browsers, and between the host and the store, during an upload of 5 MB. */
export const bytes: Family = {
  name: 'bytes',
  figures: [
    lowerIsBetter(
      'bytes',
      'kB',
      16,
      'bytes between browsers and a host for an upload of 5 MB: page data, action, status',
    ),
    lowerIsBetter(
      'bytes-to-store',
      'kB',
      null,
      'bytes between that host and the store in the same time: quota, current image, status',
    ),
    lowerIsBetter('bytes-through-host', 'kB', null, 'the sum of both for an upload that goes through the host'),
  ],
  async run(bench) {
    const site = await bench.site()
    const storeSide = await startTcpCounter(site.storePort)
    const host = await site.startHost({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${storeSide.port}` })
    const browserSide = await startTcpCounter(host.port)
    const counters = { browserSide, storeSide }
    try {
      const person = await signIn(browserSide.url, site.origin)
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

/** Counts an upload as the app does it: the page's data, the action that issues the upload, and the crop page. */
async function countDirect(person: ApiClient, { browserSide, storeSide }: Counters) {
  const startUpload = await actionId('startUpload')
  const parts = { document: 0, page: 0, action: 0, status: 0 }

  async function count(part: keyof typeof parts, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    browserSide.reset()
    const response = expectStatus(200, await send(), part)
    parts[part] = browserSide.bytes
    return response
  }

  /** Counts the data of a page, as a browser requests it from another page: without the parts that both share. */
  async function countPage(part: 'page' | 'status', path: string, from: unknown): Promise<void> {
    const headers = { ...browserHeaders, rsc: '1', 'next-router-state-tree': encodeURIComponent(JSON.stringify(from)) }
    // A browser computes a hash of the headers for the URL. Next redirects to that URL.
    const redirect = await person.send('GET', path, undefined, headers)
    const { pathname, search } = new URL(redirect.headers.location ?? path, 'http://localhost')
    await count(part, () => person.send('GET', pathname + search, undefined, headers))
  }

  await count('document', () => person.send('GET', '/upload', undefined, { ...browserHeaders, accept: 'text/html' }))
  storeSide.reset()
  await countPage('page', '/upload', routerTree(routerPage))
  const action = { accept: 'text/x-component', 'content-type': 'text/plain;charset=UTF-8', 'next-action': startUpload }
  const input = [{ collection: 'avatars', contentType: 'image/jpeg', size: fileBytes }]
  const issued = await count('action', () => person.send('POST', '/upload', input, { ...browserHeaders, ...action }))
  const ticket = readTicket(readText(issued))

  await sendFile(ticket, { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(fileBytes, 1) })

  const uploadPage = ['upload', { children: routerPage }, null, null]
  await countPage('status', `/crop/${ticket.uploadId}`, routerTree(uploadPage))
  return { browser: parts.page + parts.action + parts.status, store: storeSide.bytes, parts }
}

/** Builds the state of Next's router: the root layout, and below it a page or a segment with a page. */
function routerTree(children: unknown): unknown {
  const isRootLayout = 16
  return ['', { children }, null, null, isRootLayout]
}

const routerPage = ['__PAGE__', {}, null, null]

function readText({ headers, body }: HttpResponse): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

/** Finds the ticket in the response to an action. React writes one line per value. */
function readTicket(text: string): UploadTicket {
  for (const line of text.split('\n')) {
    const json = line.slice(line.indexOf(':') + 1)
    if (!json.startsWith('{')) continue
    const { value } = JSON.parse(json)
    if (value?.uploadId && value.fields) return value
  }
  throw new Error(`the action issued no upload: ${text.slice(0, 300)}`)
}

/** Counts an upload through the host, as other apps do it. */
async function countThrough(person: ApiClient, { browserSide, storeSide }: Counters) {
  browserSide.reset()
  storeSide.reset()
  // The client sends JSON. This string with its quotes has exactly the bytes of the file.
  const response = await person.send('POST', '/api/bench/upload', 'x'.repeat(fileBytes - 2), browserHeaders)
  expectStatus(201, response, 'the upload through the host')
  if (storeSide.bytes < fileBytes) throw new Error(`the host sent only ${storeSide.bytes} bytes to the store`)
  return { browser: browserSide.bytes, store: storeSide.bytes }
}

function kilobytes(count: number): number {
  return count / 1000
}
