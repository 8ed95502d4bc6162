import { ApiClient } from './api-client'
import { type HttpResponse, sendRequest } from './http'

/**
 * Signs in at the provider, without a session there.
 * @param address the authorization request
 * @returns the address that the provider sends the browser back to
 */
export async function chooseAtProvider(address: string, person: string): Promise<URL> {
  const { origin } = new URL(address)
  const browser = ApiClient.create({ origin })
  const follow = async (from: string, response: HttpResponse): Promise<URL> => {
    const next = new URL(locationOf(response), from)
    if (next.origin !== origin) return next
    return follow(next.href, await browser.send('GET', next.pathname + next.search))
  }
  const { pathname, search } = new URL(address)
  const page = new URL(locationOf(await browser.send('GET', pathname + search)), address)
  const form = browser.toRequest('POST', page.pathname, undefined, {
    'content-type': 'application/x-www-form-urlencoded',
  })
  const chosen = await sendRequest({ ...form, body: new URLSearchParams({ person }).toString() })
  browser.keepCookies(chosen.headers)
  return follow(page.href, chosen)
}

/** @throws Error if the response is no redirect */
function locationOf({ status, headers: { location }, body }: HttpResponse): string {
  if (location) return location
  throw new Error(`Expected a redirect, got ${status}: ${body.toString('utf8', 0, 500)}`)
}
