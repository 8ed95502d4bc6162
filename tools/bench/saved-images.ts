import { randomBytes } from 'node:crypto'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import pMap from 'p-map'
import { toBase32 } from '@/lib/base32'
import { defaultCollection } from '@/lib/images/collections'
import { createUploadId, imageIdOf, invertTime } from '@/lib/images/storage/ids'
import { entryKey, firstRevision, keys } from '@/lib/images/storage/keys'
import type { ApiClient } from '@/tools/testing/api-client'
import { squareRecipe } from './crops'
import type { Site } from './site'
import { times } from './times'

const concurrency = 32
const recipe = JSON.stringify({ recipe: squareRecipe({ megapixels: 12, format: 'jpg' }, 0) })

/**
 * Writes saved images of a person directly to the store, with one minute between their uploads.
 * @param withFiles false: only entries, which are enough for a gallery
 * @returns the imageIds, newest first
 */
export async function writeImages(
  site: Site,
  person: ApiClient,
  { count, withFiles }: { count: number; withFiles: boolean },
): Promise<string[]> {
  const uid = await person.whoAmI()
  if (!uid) throw new Error('writeImages needs a person who is signed in')
  const { region, ...credentials } = site.storeKeys
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${site.storePort}`,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const put = (Key: string, Body: string) =>
    client.send(new PutObjectCommand({ Bucket: site.bucket, Key, Body, ContentLength: Body.length }))
  const newest = Date.now() - 60_000
  const write = async (index: number) => {
    const issuedAt = newest - index * 60_000
    const uploadId = createUploadId(uid, defaultCollection, issuedAt)
    const cropId = toBase32(randomBytes(20))
    const imageId = imageIdOf(uid, uploadId, cropId, true)
    if (withFiles) {
      const trailId = invertTime(issuedAt) + imageId.slice(0, 10)
      for (const { name } of defaultCollection.variants) await put(keys.variant(uid, imageId, name), 'variant')
      await put(keys.original(uid, imageId), 'original')
      await put(keys.trailItem(uid, defaultCollection, trailId, { imageId, isAnimated: false }), '')
    }
    const name = { imageId, revision: firstRevision, cropId, format: 'jpg', flags: '', alt: '' }
    await put(entryKey(uid, name), withFiles ? recipe : '')
    return imageId
  }
  const indices = times(count, (index) => index)
  return pMap(indices, write, { concurrency }).finally(() => client.destroy())
}
