import 'server-only'
import { type CheckResult, StoreUnreachable } from './check-result'
import { type Probes, probeBody, probeBodyType } from './objects'

const timeoutMs = 8_000

/**
 * Checks that a public base URL serves objects of one prefix, and of no other (security S13, S41).
 * @param base a URL without a trailing slash, which keys follow
 * @param servedPrefix the prefix that it must serve
 */
export async function checkPublicUrl(base: string, { written }: Probes, servedPrefix: string): Promise<CheckResult> {
  const served = written.find(({ prefix }) => prefix === servedPrefix)
  if (!served)
    return { verdict: 'unchecked', message: `Cannot check ${base} without a test object in ${servedPrefix}.` }
  try {
    const isServed = async (key: string) => (await read(`${base}/${key}`)).problem === undefined
    const others = written.filter((object) => object !== served)
    const [{ problem }, ...areServed] = await Promise.all([
      read(`${base}/${served.key}`),
      ...others.map(({ key }) => isServed(key)),
    ])
    const exposed = others.filter((_, index) => areServed[index]).map(({ prefix }) => prefix)
    if (exposed.length > 0) {
      return {
        verdict: 'failed',
        message: `${base} serves ${exposed.join(', ')} to anyone, originals and their metadata included.`,
        fix: `Let it read ${servedPrefix}* only, in the configuration of the CDN or in the bucket policy.`,
      }
    }
    if (problem)
      return { verdict: 'failed', message: `${base} serves no photo: ${problem}.`, fix: fixFor(base, servedPrefix) }
    return { verdict: 'ok', message: `${base} serves ${servedPrefix} and nothing else.` }
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error
    return {
      verdict: 'warning',
      message: `Cannot check ${base}: it does not answer this host.`,
      fix: 'Make sure that browsers reach it, or correct PUBLIC_BASE_URL.',
    }
  }
}

function fixFor(base: string, prefix: string): string {
  const folder = `/${prefix.replace(/\/$/, '')}`
  if (base.endsWith(folder))
    return `Set the variable without ${folder}, which the app adds: ${base.slice(0, -folder.length)}.`
  return `Let it read ${prefix}* of the bucket, or correct PUBLIC_BASE_URL: keys follow it (${base}/${prefix}…).`
}

/** Reads a test object as a browser does. @returns what is wrong with the answer @throws StoreUnreachable */
async function read(url: string): Promise<{ problem?: string }> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await fetch(url, { signal, cache: 'no-store' })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (!answer.ok) return { problem: `it answered ${answer.status} for a new test object` }
    if (!probeBody.equals(bytes)) return { problem: 'it answered with something else than the test object' }
    const type = answer.headers.get('content-type')
    // The app sends `nosniff`, so browsers show no image of another type.
    return type === probeBodyType ? {} : { problem: `it changed the content type to ${type ?? 'none'}` }
  } catch (error) {
    throw new StoreUnreachable('the public URL does not answer', { cause: error })
  }
}
