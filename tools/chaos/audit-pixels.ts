import pMap from 'p-map'
import { type Collection, findCollection } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import type { Account, Image } from './ledger'
import { type CropFrame, faultOfOriginal, faultOfVariant, type PictureFault } from './pictures'
import { readBytes } from './store-contents'

/** How many people or images are audited at the same time. */
export const concurrency = 8

/**
 * Checks that every variant of every saved image shows its upload, cropped at its frame. Checks the originals, too.
 * @returns the number of checked files
 */
export async function auditPixels(accounts: readonly Account[]): Promise<number> {
  const saved = accounts.flatMap((account) =>
    [...account.images.values()]
      .filter(({ isSaved, deletion }) => isSaved && deletion === 'none')
      .map((image) => ({ account, image })),
  )
  let count = 0
  const auditImage = async ({ account, image }: { account: Account; image: Image }) => {
    const { imageId, upload, cropId, keepsOriginal } = image
    const collection = findCollection(upload.collection) as Collection
    const check = async (key: string, faultOf: (bytes: Uint8Array) => Promise<PictureFault>) => {
      const bytes = await readBytes(bucketOf(collection), key)
      judgePixels(account, key, bytes ? await faultOf(bytes) : 'missing')
      count += 1
    }
    const picture = { collection: upload.collection, code: upload.code }
    const frame = upload.frames.get(cropId) as CropFrame
    for (const { name, width, height } of collection.variants) {
      const key = `media/${account.uid}/${imageId}/${name}.webp`
      await check(key, (bytes) => faultOfVariant(bytes, { ...picture, frame, width, height }))
    }
    const key = `users/${account.uid}/v1/originals/${imageId}`
    if (keepsOriginal) await check(key, (bytes) => faultOfOriginal(bytes, picture))
  }
  await pMap(saved, auditImage, { concurrency })
  return count
}

/** Records a file that is lost or shows the wrong picture. */
export function judgePixels(account: Account, key: string, fault: PictureFault | 'missing'): void {
  if (fault === null) return
  const isLost = fault === 'missing' || fault === 'unreadable'
  account.addFinding(isLost ? 'lost' : 'wrong', `${key} is ${fault}`)
}
