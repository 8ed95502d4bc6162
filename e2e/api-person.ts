import { UploadTicket } from '@/lib/images/schema'
import { expect } from './test'

/** Someone without a browser, signed in at a site as a guest. */
export interface ApiPerson {
  post(path: string, body: unknown): Promise<Response>
  /** Step 1, of a JPEG for a cover. @returns the uploadId */
  upload(bytes: Buffer): Promise<string>
}

/**
 * Signs in.
 * @param origin of the site
 * @param host whom to ask instead of the site's balancer: an address
 */
export async function signInByApi(origin: string, host = origin): Promise<ApiPerson> {
  const signedIn = await fetch(`${host}/api/session/guest`, { method: 'POST', headers: { origin } })
  const cookie = signedIn.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ')

  const post = (path: string, body: unknown) =>
    fetch(`${host}${path}`, {
      method: 'POST',
      headers: { origin, cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  return {
    post,
    async upload(bytes) {
      const wish = { collection: 'covers', contentType: 'image/jpeg', size: bytes.length }
      const issued = await post('/api/uploads', wish)
      expect(issued.status).toBe(201)
      const ticket = UploadTicket.parse(await issued.json())
      const form = new FormData()
      for (const [field, value] of Object.entries(ticket.fields ?? {})) form.append(field, value)
      form.append('file', new Blob([new Uint8Array(bytes)]), 'me.jpg')
      const stored = await fetch(ticket.url, { method: 'POST', body: form })
      expect(stored.status, await stored.text()).toBeLessThan(300)
      return ticket.uploadId
    },
  }
}
