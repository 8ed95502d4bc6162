import { bucketOf } from '@/lib/images/buckets'
import { type Collection, findCollection } from '@/lib/images/collections'
import { atOnce } from './at-once'
import type { Account, Picture, SaveChoice } from './ledger'
import { type Frame, faultOfVariant } from './pictures'
import { readBytes } from './store-contents'

/**
 * Looks at every variant of every picture that stands: each shows that upload, cropped there.
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
    for (const { name, width, height } of collection.variants) {
      const { cropId } = picture.saved as SaveChoice
      const key = `media/${account.uid}/${picture.imageId}/${cropId}/${name}.webp`
      judgeVariant(account, key, await faultAt(collection, key, picture, cropId, { width, height }))
      count += 1
    }
  })
  return count
}

type VariantFault = Awaited<ReturnType<typeof faultOfVariant>> | 'missing'

async function faultAt(
  collection: Collection,
  key: string,
  { code, frames, collection: name }: Picture,
  cropId: string,
  size: { width: number; height: number },
): Promise<VariantFault> {
  const bytes = await readBytes(bucketOf(collection), key)
  if (!bytes) return 'missing'
  return faultOfVariant(bytes, { collection: name, code, frame: frames.get(cropId) as Frame, ...size })
}

/** Takes down what is wrong with a variant that must be there: it is lost, or shows what it should not. */
export function judgeVariant(account: Account, key: string, fault: VariantFault): void {
  if (fault === null) return
  const isLost = fault === 'missing' || fault === 'unreadable'
  account.find({ kind: isLost ? 'lost' : 'wrong', what: `${key} is ${fault}` })
}
