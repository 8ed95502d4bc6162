import { type Collection, findCollection } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { atOnce } from './at-once'
import type { Account } from './ledger'
import { type CropFrame, faultOfOriginal, faultOfVariant, type PictureFault } from './pictures'
import { readBytes } from './store-contents'

/**
 * Looks at every variant of every saved image: each shows that upload, cropped there. Looks at the originals, too.
 * @returns how many files were looked at
 */
export async function auditPixels(accounts: readonly Account[]): Promise<number> {
  const all = accounts.flatMap((account) =>
    [...account.images.values()]
      .filter(({ isSaved, deletion }) => isSaved && deletion === 'none')
      .map((image) => ({ account, image })),
  )
  let count = 0
  await atOnce(8, all, async ({ account, image }) => {
    const { imageId, upload, cropId, keepsOriginal } = image
    const collection = findCollection(upload.collection) as Collection
    const look = async (key: string, faultOf: (bytes: Uint8Array) => Promise<PictureFault>) => {
      const bytes = await readBytes(bucketOf(collection), key)
      judgePixels(account, key, bytes ? await faultOf(bytes) : 'missing')
      count += 1
    }
    const picture = { collection: upload.collection, code: upload.code }
    const frame = upload.frames.get(cropId) as CropFrame
    for (const { name, width, height } of collection.variants) {
      const key = `media/${account.uid}/${imageId}/${name}.webp`
      await look(key, (bytes) => faultOfVariant(bytes, { ...picture, frame, width, height }))
    }
    const key = `users/${account.uid}/v1/originals/${imageId}`
    if (keepsOriginal) await look(key, (bytes) => faultOfOriginal(bytes, picture))
  })
  return count
}

/** Records what is wrong with a file that must exist: it is lost, or shows the wrong picture. */
export function judgePixels(account: Account, key: string, fault: PictureFault | 'missing'): void {
  if (fault === null) return
  const isLost = fault === 'missing' || fault === 'unreadable'
  account.find({ kind: isLost ? 'lost' : 'wrong', what: `${key} is ${fault}` })
}
