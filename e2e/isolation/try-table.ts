import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { type HttpRequest, type HttpResponse, sendRequest } from '@/tools/testing/http'
import type { EntryPoints } from './entry-points'
import { unknownIds } from './person'
import { expire, resealWith, tamper } from './sessions'
import { type Expected, type Ids, type Mode, type Row, type Try, table, tries } from './table'

/** A site with its people. All sessions are `Cookie` headers. */
export interface Site {
  origin: string
  mode: Mode
  entryPoints: EntryPoints
  /** The newest session secret of the hosts. */
  secret: string
  owner: { cookie: string; ids: Ids; uid: string }
  stranger: { cookie: string }
  /** A session of the owner from before they signed out everywhere, where people can. */
  signedOutCookie: string | null
  /** The origin of the sign-in provider. */
  providerOrigin?: string | undefined
}

/** Returns the differences between table and entry points. */
export function compareWithTable({ names }: EntryPoints): string[] {
  return [
    ...names.filter((name) => !(name in table)).map((name) => `no row: ${name}`),
    ...Object.keys(table)
      .filter((name) => !names.includes(name))
      .map((name) => `no entry point: ${name}`),
  ]
}

/** Tries each entry point in every way. @returns the answers that differ from the table */
export async function tryAll(site: Site): Promise<string[]> {
  const wrong: string[] = []
  const sessions = await sessionsOf(site)
  const unknown = unknownIds(site.owner.ids)
  for (const [name, row] of Object.entries(table)) {
    for (const way of tries) {
      const expected = way === 'signedOut' && site.signedOutCookie === null ? null : answerIn(site.mode, row[way])
      if (expected === null) {
        if (way === 'stranger') wrong.push(...(await tryAsStranger(site, name, row)))
        continue
      }
      const response = await sendRequest(toRequest(site, name, row, way, sessions[way]))
      const answer = describe(site, response)
      if (answer !== expected) wrong.push(`${name}, ${way}: expected ${expected}, got ${answer}`)
      for (const header of Object.keys(response.headers))
        if (header.startsWith('access-control-')) wrong.push(`${name}, ${way}: has the header ${header}`)
      if (!isForOwner(way) && namesSomething(row)) {
        const other = await sendRequest(toRequest(site, name, row, way, sessions[way], unknown))
        const difference = compare(textOf(response, site.owner.ids), textOf(other, unknown))
        if (difference) wrong.push(`${name}, ${way}: differs from unknown ids: ${difference}`)
      }
    }
  }
  return wrong
}

/** Sends every request as the owner may. @returns the answers that differ from the table */
export async function tryAsOwner(site: Site, renew: (cookie: string) => Promise<string>): Promise<string[]> {
  const wrong: string[] = []
  let { cookie } = site.owner
  for (const [name, row] of Object.entries(table)) {
    cookie = await renew(cookie)
    const answer = describe(site, await sendRequest(toRequest(site, name, row, 'owner', cookie)))
    const expected = answerIn(site.mode, row.owner)
    if (answer !== expected) wrong.push(`${name}, owner: expected ${expected}, got ${answer}`)
  }
  return wrong
}

/** Returns key, ETag and time of everything that a person has in the store. */
export async function listOf(uid: string, s3: S3Client): Promise<string[]> {
  const objects: string[] = []
  for (const bucket of ['anyhost', 'anyhost-covers']) {
    for (const prefix of ['incoming', 'drafts', 'users', 'media']) {
      const { Contents = [], IsTruncated } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/${uid}/` }),
      )
      if (IsTruncated) throw new Error(`${prefix}/${uid}/ has more objects than one listing shows.`)
      for (const { Key, ETag, LastModified } of Contents) {
        // The date of the last cleanup, which follows a view of the gallery.
        if (!Key?.includes('/!cleaned.')) objects.push(`${Key} ${ETag} ${LastModified?.toISOString()}`)
      }
    }
  }
  return objects
}

/** A request that is about its sender tells nothing about anyone else. */
async function tryAsStranger(site: Site, name: string, row: Row): Promise<string[]> {
  const { body, headers } = await sendRequest(toRequest(site, name, row, 'stranger', null))
  const text = `${JSON.stringify(headers)} ${body}`
  const known = [...Object.values(site.owner.ids), site.owner.uid].filter((id) => text.includes(id))
  return known.map((id) => `${name}, stranger: the answer contains ${id}`)
}

/** Whether a request names something by its id. */
const namesSomething = ({ request }: Row) => JSON.stringify(request(example)) !== JSON.stringify(request(otherExample))
const example: Ids = { uploadId: 'u', cropId: 'c', imageId: 'i', otherId: 'o' }
const otherExample: Ids = { uploadId: 'U', cropId: 'C', imageId: 'I', otherId: 'O' }

const isForOwner = (way: Try) => ['wrongOrigin', 'noOrigin', 'wrongMethod', 'oversized'].includes(way)

async function sessionsOf({ owner, stranger, secret, signedOutCookie }: Site): Promise<Record<Try, string | null>> {
  return {
    anonymous: null,
    expired: await resealWith(owner.cookie, secret, expire),
    tampered: tamper(owner.cookie),
    signedOut: signedOutCookie,
    stranger: stranger.cookie,
    wrongOrigin: owner.cookie,
    noOrigin: owner.cookie,
    wrongMethod: owner.cookie,
    oversized: owner.cookie,
  }
}

/** Builds the request of a row, changed for a try. */
function toRequest(
  { origin, entryPoints, owner }: Site,
  name: string,
  row: Row,
  way: Try | 'owner',
  cookie: string | null,
  ids = owner.ids,
): HttpRequest {
  const [kind, named] = name.split(' ') as [string, string]
  const actionId = kind === 'action' ? entryPoints.actionIds[named] : undefined
  const { path = actionId ? '/upload' : named, body } = row.request(ids)
  const json = body === undefined ? undefined : JSON.stringify(actionId ? [body] : body)
  const headers: Record<string, string> = { origin, accept: actionId ? 'text/x-component' : '*/*' }
  if (cookie) headers.cookie = cookie
  if (json !== undefined) headers['content-type'] = actionId ? 'text/plain;charset=UTF-8' : 'application/json'
  if (actionId) headers['next-action'] = actionId
  if (way === 'wrongOrigin') headers.origin = 'https://evil.example'
  if (way === 'noOrigin') delete headers.origin
  return {
    method: way === 'wrongMethod' ? methodWithout(name, entryPoints) : methodOf(kind),
    url: new URL(path, origin),
    headers,
    body: way === 'oversized' ? json?.padEnd(100_000) : json,
  }
}

const methodOf = (kind: string) => ({ page: 'GET', file: 'GET', action: 'POST' })[kind] ?? kind

/** Returns a method that no entry point with this path has. */
function methodWithout(name: string, { names }: EntryPoints): string {
  const [, path] = name.split(' ')
  const method = ['PUT', 'PATCH', 'DELETE', 'POST', 'GET', 'TRACE'].find((verb) => !names.includes(`${verb} ${path}`))
  return method as string
}

function answerIn(mode: Mode, expected: Expected): string | null {
  if (typeof expected === 'string') return expected
  if ('reason' in expected) return null
  return answerIn(mode, expected[mode])
}

/** Sums up a response: status, then the code of a refusal or the address of a redirect without its query. */
function describe({ origin, providerOrigin }: Site, { status, headers, body }: HttpResponse): string {
  const { location } = headers
  if (location) {
    const { origin: target, pathname } = new URL(location, origin)
    const site = target === providerOrigin ? 'PROVIDER' : target.replace(origin, '')
    return `${status} ${site}${pathname}`
  }
  return [status, codeIn(body.toString(), headers['content-type'])].filter(Boolean).join(' ')
}

function codeIn(text: string, type = ''): string | undefined {
  if (type.startsWith('application/problem+json')) return JSON.parse(text).code
  // A host rejects an action as text.
  if (type === 'text/plain') return /^\{"type":.*"code":"(\w+)"/.exec(text)?.[1]
  if (type.startsWith('text/x-component')) return /"ok":false,"code":"(\w+)"/.exec(text)?.[1]
}

/** Returns the headers and the body without what differs between any two responses. */
function textOf({ status, headers, body }: HttpResponse, ids: Ids): string[] {
  const { date, 'x-request-id': id, 'x-served-by': host, ...others } = headers
  const normalize = (text: string) =>
    Object.entries(ids)
      .reduce((result, [name, value]) => result.replaceAll(value, name), text)
      .replaceAll(/host-\d/g, 'HOST')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'NONCE')
      // Rows of React's data arrive in any order.
      .replaceAll(/"\]\)<\/script><script nonce="NONCE">self\.__next_f\.push\(\[1,"/g, '')
  const head = Object.entries(others).map((header) => normalize(header.join(': ')))
  return [
    String(status),
    ...head,
    ...normalize(body.toString())
      .split(/\\n|\n/)
      .toSorted(),
  ]
}

function compare(one: string[], other: string[]): string | undefined {
  const at = one.findIndex((line, index) => line !== other[index])
  if (at < 0 && one.length === other.length) return undefined
  return `${one[at]?.slice(0, 300)} instead of ${other[at]?.slice(0, 300)}`
}
