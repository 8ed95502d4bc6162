import { bucketOf } from '@/lib/images/buckets'
import { type Collection, findCollection } from '@/lib/images/collections'
import { atOnce } from './at-once'
import type { Account, SaveChoice } from './ledger'
import { type Frame, faultOfOriginal, faultOfVariant, type PictureFault } from './pictures'
import { readBytes } from './store-contents'

/**
 * Looks at every variant of every picture that stands: each shows that upload, cropped there; and at the original.
 * @returns how many were looked at
 */
export async function auditPixels(accounts: readonly Account[]): Promise<number> {
  const all = accounts.flatMap((account) =>
    [...account.pictures.values()]
      .filter(({ saved, deletion }) => saved && deletion === 'none')
      .map((picture) => ({ account, picture })),
  )
  let count = 0
  await atOnce(8, all, async ({ account, picture }) => {
    const collection = findCollection(picture.collection) as Collection
    const { cropId, keepsOriginal } = picture.saved as SaveChoice
    const look = async (key: string, faultOf: (bytes: Uint8Array) => Promise<PictureFault>) => {
      const bytes = await readBytes(bucketOf(collection), key)
      judgePixels(account, key, bytes ? await faultOf(bytes) : 'missing')
      count += 1
    }
    const upload = { collection: picture.collection, code: picture.code }
    const frame = picture.frames.get(cropId) as Frame
    for (const { name, width, height } of collection.variants) {
      const key = `media/${account.uid}/${picture.imageId}/${cropId}/${name}.webp`
      await look(key, (bytes) => faultOfVariant(bytes, { ...upload, frame, width, height }))
    }
    const key = `users/${account.uid}/v1/images/${picture.imageId}/${cropId}/original`
    if (keepsOriginal) await look(key, (bytes) => faultOfOriginal(bytes, upload))
  })
  return count
}

/** Takes down what is wrong with a picture that must be there: it is lost, or shows what it should not. */
export function judgePixels(account: Account, key: string, fault: PictureFault | 'missing'): void {
  if (fault === null) return
  const isLost = fault === 'missing' || fault === 'unreadable'
  account.find({ kind: isLost ? 'lost' : 'wrong', what: `${key} is ${fault}` })
}
