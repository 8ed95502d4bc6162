import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@/e2e/hosts/three-hosts'
import { portrait } from '@/e2e/photos'
import { expect } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { signInWithOidc } from '@/tools/testing/sign-in'
import { findEntryPoints } from './entry-points'
import { fillGallery } from './person'
import { resealWith } from './sessions'
import { compareWithTable, listOf, type Site, tryAll, tryAsOwner } from './try-table'

test.use({ hasAccounts: true })

/** Returns the cookie of the session alone, without those of the sign-in. */
function sessionOf({ cookie }: ApiClient): string {
  return cookie.split('; ').find((pair) => pair.startsWith('account=')) as string
}

test('S10, S26, S30, S32: each entry point protects the data of accounts by itself', async ({ stack }) => {
  const entryPoints = await findEntryPoints()
  expect(compareWithTable(entryPoints)).toEqual([])
  const secrets = JSON.parse(await readFile(join(stack.stateDirectory, 'secrets.json'), 'utf8'))
  const whoIs = (cookie: string, host = stack.origin) => ApiClient.create(stack, cookie).at(host).whoAmI()

  const earlier = await signInWithOidc(stack, 'ada')
  const uid = (await earlier.whoAmI()) as string
  const signedOutCookie = sessionOf(earlier)
  const ids = await fillGallery(earlier, await portrait())
  expect((await earlier.send('DELETE', '/api/sessions')).status).toBe(204)
  const owner = await signInWithOidc(stack, 'ada')
  // A host reads the epoch again for a session that it does not know, and the earlier session ends there.
  for (const host of stack.hosts) expect(await whoIs(sessionOf(owner), host.origin)).toBe(uid)

  const site: Site = {
    origin: stack.origin,
    mode: 'oidc',
    entryPoints,
    secret: secrets.sessionSecret,
    owner: { cookie: sessionOf(owner), ids, uid },
    stranger: { cookie: sessionOf(await signInWithOidc(stack, 'grace')) },
    signedOutCookie,
    providerOrigin: stack.identityProvider?.issuer,
  }
  // Otherwise the expired session could be invalid for another reason.
  expect(await whoIs(await resealWith(site.owner.cookie, site.secret, (claims) => claims))).toBe(uid)

  const before = await listOf(uid, stack.s3)
  expect(before.length).toBeGreaterThan(10)
  expect(await tryAll(site)).toEqual([])
  expect(await listOf(uid, stack.s3)).toEqual(before)

  // The same requests work for the owner. Some of them end the session.
  const renew = async (cookie: string) =>
    (await whoIs(cookie)) ? cookie : sessionOf(await signInWithOidc(stack, 'ada'))
  expect(await tryAsOwner(site, renew)).toEqual([])
  expect(await listOf(uid, stack.s3)).not.toEqual(before)
})
