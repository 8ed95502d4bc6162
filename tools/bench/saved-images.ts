import { randomBytes } from 'node:crypto'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { toBase32 } from '@/lib/base32'
import { defaultCollection } from '@/lib/images/collections'
import { createUploadId, imageIdOf, invertTime } from '@/lib/images/storage/ids'
import { entryKey, firstRevision, keys } from '@/lib/images/storage/keys'
import { runAtOnce, times } from './at-once'
import { squareRecipe } from './crops'
import type { Person } from './person'
import type { Host, Site } from './site'

const putsAtOnce = 32
const recipe = JSON.stringify({ recipe: squareRecipe({ megapixels: 12, format: 'jpg' }, 0) })

/**
 * Gives a person saved images by writing straight to the store, one upload a minute.
 * @param withFiles false: entries only, which is all that a gallery reads
 * @returns the imageIds, newest first
 */
export async function giveImages(
  site: Site,
  host: Host,
  person: Person,
  { count, withFiles }: { count: number; withFiles: boolean },
): Promise<string[]> {
  const session = await person.ask(host.port, 'GET', '/api/session')
  const { user }: { user: { id: string } } = JSON.parse(session.body.toString())
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
  try {
    return await runAtOnce(
      putsAtOnce,
      times(count, (index) => async () => {
        const issuedAt = newest - index * 60_000
        const uploadId = createUploadId(user.id, defaultCollection, issuedAt)
        const cropId = toBase32(randomBytes(20))
        const imageId = imageIdOf(user.id, uploadId, cropId, true)
        if (withFiles) {
          const trailId = invertTime(issuedAt) + imageId.slice(0, 10)
          for (const { name } of defaultCollection.variants) await put(keys.variant(user.id, imageId, name), 'variant')
          await put(keys.original(user.id, imageId), 'original')
          await put(keys.trailItem(user.id, defaultCollection, trailId, { imageId, isAnimated: false }), '')
        }
        const name = { imageId, revision: firstRevision, cropId, format: 'jpg', flags: '', alt: '' }
        await put(entryKey(user.id, name), withFiles ? recipe : '')
        return imageId
      }),
    )
  } finally {
    client.destroy()
  }
}
