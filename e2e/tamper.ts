import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright/test'
import { stateDirectory } from './addresses'

/**
 * Changes the forms that the page posts to the store. The file stays the last field, as S3 requires.
 * @returns a function that stops it
 */
export async function tamperUploads(
  page: Page,
  storeOrigin: string,
  change: (form: FormData) => void | Promise<void>,
): Promise<() => Promise<void>> {
  const isStore = (url: URL) => url.origin === storeOrigin
  await page.route(isStore, async (route) => {
    const request = route.request()
    const body = request.postDataBuffer()
    if (request.method() !== 'POST' || !body) return route.continue()
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': request.headers()['content-type'] as string },
    }).formData()
    await change(form)
    const file = form.get('file') as File
    form.delete('file')
    form.append('file', file, 'file')
    const changed = new Response(form)
    await route.continue({
      postData: Buffer.from(await changed.arrayBuffer()),
      headers: { ...request.headers(), 'content-type': changed.headers.get('content-type') as string },
    })
  })
  return () => page.unroute(isStore)
}

/** Replaces the file's bytes and keeps its name and type. */
export function otherBytes(bytes: Buffer | string): (form: FormData) => void {
  return (form) => form.set('file', new File([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)], 'file'))
}

/**
 * Replaces the form's policy by an expired one: issued ten minutes earlier and signed with the store's secret.
 * Waiting would take five minutes, the lifetime of a policy.
 */
export async function expirePolicy(form: FormData): Promise<void> {
  const secrets = JSON.parse(await readFile(`${stateDirectory}/secrets.json`, 'utf8'))
  const policy = JSON.parse(Buffer.from(form.get('Policy') as string, 'base64').toString())
  policy.expiration = new Date(Date.parse(policy.expiration) - 10 * 60_000).toISOString()
  const encoded = Buffer.from(JSON.stringify(policy)).toString('base64')
  const [, ...scope] = (form.get('X-Amz-Credential') as string).split('/')
  const key = scope.reduce(
    (signingKey: string | Buffer, part) => hmac(signingKey, part),
    `AWS4${secrets.storeSecretAccessKey}`,
  )
  form.set('Policy', encoded)
  form.set('X-Amz-Signature', hmac(key, encoded).toString('hex'))
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
