import { ApiClient } from './api-client'
import { type HttpResponse, sendRequest } from './http'

/**
 * Signs in through the development provider (tools/identity-provider) as a browser does.
 * @param person the `sub` of an account of the provider
 * @param hosts origins of the hosts where the sign-in starts and ends; default: the site's origin
 * @throws Error if the sign-in ends anywhere but on the page that it was for
 */
export async function signInWithOidc(
  site: { origin: string; headers?: Record<string, string> },
  person: string,
  hosts: { start?: string; end?: string } = {},
): Promise<ApiClient> {
  const { start = site.origin, end = site.origin } = hosts
  const client = ApiClient.create(site)
  const callback = await chooseAtProvider(await startSignIn(client.at(start)), person)
  const address = await finishSignIn(client.at(end), callback)
  if (address !== `${site.origin}/gallery`) throw new Error(`Signing in as ${person} ended at ${address}.`)
  return client
}

/** Starts a sign-in. @param to the path to come back to @returns the address at the provider */
export async function startSignIn(client: ApiClient, to = '/gallery'): Promise<string> {
  return locationOf(await client.send('GET', `/sign-in/start?${new URLSearchParams({ to })}`))
}

/** Brings a person back from the provider. @returns the address where the sign-in ends */
export async function finishSignIn(client: ApiClient, { pathname, search }: URL): Promise<string> {
  return locationOf(await client.send('GET', pathname + search))
}

/**
 * Presses the person's button on the provider's page, in a browser without a session there.
 * @param address of the authorization request
 * @param person empty: cancels
 * @returns the address that the provider sends the browser back to
 */
export async function chooseAtProvider(address: string, person: string): Promise<URL> {
  const { origin } = new URL(address)
  const browser = ApiClient.create({ origin })
  const page = await followHere(browser, new URL(address))
  const form = browser.toRequest('POST', page.pathname, undefined, {
    'content-type': 'application/x-www-form-urlencoded',
  })
  const chosen = await sendRequest({ ...form, body: new URLSearchParams({ person }).toString() })
  browser.keepCookies(chosen.headers)
  return followHere(browser, new URL(locationOf(chosen), origin))
}

/** Follows redirects of this origin. @returns the address of the first page, or the first one of another origin */
async function followHere(browser: ApiClient, address: URL): Promise<URL> {
  const { headers } = await browser.send('GET', address.pathname + address.search)
  if (!headers.location) return address
  const next = new URL(headers.location, address)
  return next.origin === address.origin ? followHere(browser, next) : next
}

/** @throws Error if the response is no redirect */
function locationOf({ status, headers: { location }, body }: HttpResponse): string {
  if (location) return location
  throw new Error(`Expected a redirect, got ${status}: ${body.toString('utf8', 0, 500)}`)
}
