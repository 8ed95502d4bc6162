import type { APIRequestContext, APIResponse, PlaywrightWorkerArgs } from 'playwright/test'
import { expect } from 'playwright/test'
import { portrait } from '@/e2e/photos'
import type { CropAnswer, GalleryPage, SavedImage, UploadTicket } from '@/lib/images/schema'

type Crop = Pick<CropAnswer, 'uploadId' | 'cropId'>

/** A person who goes by the API, and asks whichever host they choose; without one, the balancer chooses. */
export class ApiPerson {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly siteOrigin: string,
  ) {}

  /** A new guest, signed in by that host. */
  static async signIn(playwright: PlaywrightWorkerArgs['playwright'], siteOrigin: string, host = siteOrigin) {
    const person = new ApiPerson(await playwright.request.newContext(), siteOrigin)
    expect((await person.send(host, 'POST', '/api/session/guest')).status()).toBe(204)
    return person
  }

  /** Cookies know no ports: what one host sets goes to all on the same name, so the balancer's name is asked for each. */
  send(host: string, method: string, path: string, data?: unknown): Promise<APIResponse> {
    const url = new URL(path, host)
    url.hostname = 'localhost'
    return this.request.fetch(url.href, { method, data, headers: { origin: this.siteOrigin } })
  }

  async ask<T>(status: number, ...request: Parameters<ApiPerson['send']>): Promise<T> {
    const answer = await this.send(...request)
    expect(answer.status(), `${request.slice(0, 3).join(' ')}: ${await answer.text()}`).toBe(status)
    return answer.json()
  }

  /** Who that host says they are; null when it says nobody. */
  async whoAmI(host: string): Promise<string | null> {
    const answer = await this.send(host, 'GET', '/api/session')
    expect([200, 401]).toContain(answer.status())
    return answer.ok() ? (await answer.json()).user.id : null
  }

  /** Step 1, at that host. @returns the uploadId */
  async upload(host: string): Promise<string> {
    const { buffer, mimeType, name } = await portrait()
    const wish = { collection: 'avatars', contentType: mimeType, size: buffer.length }
    const ticket = await this.ask<UploadTicket>(201, host, 'POST', '/api/uploads', wish)
    const form = new FormData()
    for (const [field, value] of Object.entries(ticket.fields ?? {})) form.append(field, value)
    form.append('file', new Blob([new Uint8Array(buffer)]), name)
    const stored = await fetch(ticket.url, { method: 'POST', body: form })
    expect(stored.status, await stored.text()).toBeLessThan(300)
    return ticket.uploadId
  }

  /** Step 2, at that host. */
  crop(host: string, uploadId: string, x = 20): Promise<CropAnswer> {
    return this.ask(200, host, 'POST', '/api/crop', { uploadId, area: { x, y: 30, width: 300, height: 300 } })
  }

  /** Step 3, at that host. */
  save(host: string, { uploadId, cropId }: Crop, seen?: string | null): Promise<SavedImage> {
    return this.ask(201, host, 'POST', '/api/images', { uploadId, cropId, ...(seen !== undefined && { seen }) })
  }

  async gallery(host: string): Promise<GalleryPage['images']> {
    const page = await this.ask<GalleryPage>(200, host, 'GET', '/api/images')
    return page.images
  }

  /** As the browser of this person would hold them. */
  async cookies() {
    return (await this.request.storageState()).cookies
  }

  dispose(): Promise<void> {
    return this.request.dispose()
  }
}
