import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { siteOrigin, stateDirectory, storeOrigin } from '@/e2e/addresses'
import { portrait } from '@/e2e/photos'
import { expect, test } from '@/e2e/test'
import { storeRegion } from '@/tools/stack/host-environment'
import { ApiClient } from '@/tools/testing/api-client'
import { findEntryPoints } from './entry-points'
import { fillGallery } from './person'
import { resealWith } from './sessions'
import { compareWithTable, listOf, type Site, tryAll, tryAsOwner } from './try-table'

test('S10, S26, S30: each entry point protects the data of guests by itself', async () => {
  const entryPoints = await findEntryPoints()
  expect(compareWithTable(entryPoints)).toEqual([])
  const secrets = JSON.parse(await readFile(join(stateDirectory, 'secrets.json'), 'utf8'))
  const credentials = { accessKeyId: secrets.storeAccessKeyId, secretAccessKey: secrets.storeSecretAccessKey }
  const s3 = new S3Client({ endpoint: storeOrigin, region: storeRegion, forcePathStyle: true, credentials })
  const owner = await ApiClient.signIn({ origin: siteOrigin })
  const stranger = await ApiClient.signIn({ origin: siteOrigin })
  const uid = (await owner.whoAmI()) as string
  const site: Site = {
    origin: siteOrigin,
    mode: 'guest',
    entryPoints,
    secret: secrets.sessionSecret,
    owner: { cookie: owner.cookie, ids: await fillGallery(owner, await portrait()), uid },
    stranger: { cookie: stranger.cookie },
    // A guest has one browser.
    signedOutCookie: null,
  }
  // Otherwise the expired session could be invalid for another reason.
  const sealedAgain = await resealWith(owner.cookie, site.secret, (claims) => claims)
  expect(await ApiClient.create({ origin: siteOrigin }, sealedAgain).whoAmI()).toBe(uid)

  const before = await listOf(uid, s3)
  expect(before.length).toBeGreaterThan(10)
  expect(await tryAll(site)).toEqual([])
  expect(await listOf(uid, s3)).toEqual(before)

  // The same requests work for the owner.
  expect(await tryAsOwner(site, async (cookie) => cookie)).toEqual([])
  expect(await listOf(uid, s3)).not.toEqual(before)
  s3.destroy()
})
