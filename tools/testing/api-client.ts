import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type {
  Area,
  CropAnswer,
  GalleryPage,
  Recipe,
  SavedImage,
  SaveRequest,
  StartUpload,
  UploadTicket,
} from '@/lib/images/schema'
import { expectStatus, type HttpRequest, type HttpResponse, readJson, sendRequest } from './http'

/** A file to upload, in the form that Playwright's file chooser takes, too. */
export interface UploadFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** The site of a client. */
interface ClientSite {
  /** `APP_ORIGIN`, sent as the `Origin` of every request. */
  origin: string
  /** Added to every request. */
  headers?: Record<string, string>
}

/**
 * One person who uses the API as the pages do, with cookies as in a browser. Requests go to the site's origin, or to one
 * host: see `at`. Methods for the steps throw for an unexpected status; `send` returns every response.
 */
export class ApiClient {
  private constructor(
    private readonly site: ClientSite,
    private readonly host: string,
    private readonly jar: Map<string, string>,
  ) {}

  /** Creates a client that is signed out, or continues a session. @param cookie the `cookie` of an earlier client */
  static create(site: ClientSite, cookie = ''): ApiClient {
    const pairs = cookie.split('; ').filter(Boolean)
    return new ApiClient(site, site.origin, new Map(pairs.map(toNameAndValue)))
  }

  /** Signs in as a new guest. @param host an origin; default: the site's origin */
  static async signIn(site: ClientSite, host = site.origin): Promise<ApiClient> {
    const client = ApiClient.create(site).at(host)
    await client.call(204, 'POST', '/api/session/guest')
    return client
  }

  /** Returns the same person at one host. @param host an origin */
  at(host: string): ApiClient {
    return new ApiClient(this.site, host, this.jar)
  }

  /** The `Cookie` header of the session. */
  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Keeps the cookies of a response. */
  keepCookies(headers: IncomingHttpHeaders): void {
    for (const setCookie of headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = setCookie.split(';')
      const [name, value] = toNameAndValue(pair)
      if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) this.jar.delete(name)
      else this.jar.set(name, value)
    }
  }

  /** Builds a request as the pages send it, for callers that send it themselves. @param body sent as JSON */
  toRequest(method: string, path: string, body?: unknown, headers?: Record<string, string>): HttpRequest {
    const { cookie } = this
    return {
      method,
      url: new URL(path, this.host),
      headers: {
        ...(cookie && { cookie }),
        origin: this.site.origin,
        ...this.site.headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }
  }

  /** Sends a request and returns the response, whatever its status. */
  async send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpResponse> {
    const response = await sendRequest(this.toRequest(method, path, body, headers))
    this.keepCookies(response.headers)
    return response
  }

  /** Sends a request and returns the JSON of the response. @throws Error for any other status */
  async call<T>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    return readJson(expectStatus(status, await this.send(method, path, body), `${method} ${this.host}${path}`))
  }

  /** Returns the id of the person, or null if the host does not accept the session. */
  async whoAmI(): Promise<string | null> {
    const response = await this.send('GET', '/api/session')
    if (response.status === 401) return null
    return readJson<{ user: { id: string } }>(expectStatus(200, response, 'GET /api/session')).user.id
  }

  /** Step 1, first half: issues an upload. */
  issue(request: StartUpload): Promise<UploadTicket> {
    return this.call(201, 'POST', '/api/uploads', request)
  }

  /** Step 1: issues an upload and sends the file to the store. @returns the uploadId */
  async upload(file: UploadFile, collection = 'avatars'): Promise<string> {
    const ticket = await this.issue({ collection, contentType: file.mimeType, size: file.buffer.length })
    await sendFile(ticket, file)
    return ticket.uploadId
  }

  /** Step 2. */
  crop(request: { uploadId: string; area: Area } & Partial<Recipe>): Promise<CropAnswer> {
    return this.call(200, 'POST', '/api/crop', request)
  }

  /** Step 3. */
  save({ uploadId, cropId, seen, keepOriginal }: SaveRequest): Promise<SavedImage> {
    return this.call(201, 'POST', '/api/images', { uploadId, cropId, seen, keepOriginal })
  }

  /** Returns the first page of the gallery. */
  async gallery(): Promise<SavedImage[]> {
    return (await this.call<GalleryPage>(200, 'GET', '/api/images')).images
  }
}

/** Sends a file to the store. @throws Error if the store rejects it */
export async function sendFile(ticket: UploadTicket, file: UploadFile): Promise<void> {
  const response = await sendRequest(toFormRequest(ticket, file))
  if (response.status >= 300) expectStatus(204, response, `upload of ${file.name}`)
}

/** Builds the POST form of a ticket as a browser does: all fields, then the file (RFC 7578). */
export function toFormRequest({ url, fields = {} }: UploadTicket, { name, mimeType, buffer }: UploadFile): HttpRequest {
  const boundary = randomUUID()
  const part = (disposition: string) => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n`
  const head = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}\r\n${value}\r\n`)
  head.push(`${part(`name="file"; filename="${name}"`)}Content-Type: ${mimeType}\r\n\r\n`)
  return {
    method: 'POST',
    url,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head.join('')), buffer, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}

function toNameAndValue(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
