import { type Collection, findCollection } from '@/lib/images/collections'
import { loadTrail } from '@/lib/images/current'
import { listGallery, pageSize } from '@/lib/images/gallery'
import { bucketOf } from '@/lib/images/storage/buckets'
import { cleanUp } from '@/lib/images/storage/cleanup'
import type { Log } from '@/tools/process/progress'
import { atOnce } from './at-once'
import { auditPixels } from './audit-pixels'
import { auditStore } from './audit-store'
import { choicesOf } from './choices'
import { Stuck } from './client'
import type { Account } from './ledger'
import { Person } from './person'
import { collectionNames } from './pictures'
import type { World } from './session'
import { expireAll, listKept } from './store-contents'

/** Longer than tombstones and copies without an entry are kept. */
const laterMs = 49 * 60 * 60 * 1000

/**
 * Checks everything against the ledger, once all people have left, all faults are over and all hosts are new processes:
 * first what the hosts show each person; then, two days later, the store itself, to the last key and pixel.
 * The product's configuration must be in this process's environment.
 * @param endHosts lets the hosts finish what they do after a response, and ends them
 */
export async function audit(world: World, endHosts: () => Promise<unknown>, log: Log): Promise<void> {
  const { accounts } = world.ledger
  const people = accounts.filter(({ uid }) => uid !== '')
  await atOnce(8, people, (account) => openPages(world, account))
  log(`  opened the galleries of ${people.length} people through the hosts`)

  const collections = collectionNames.map((name) => findCollection(name) as Collection)
  const buckets = [...new Set(collections.map(bucketOf))]
  const expired = await expireAll(buckets)
  for (const { clock } of buckets) {
    const trueNow = clock.now.bind(clock)
    clock.now = () => trueNow() + laterMs
  }
  let tombstones = 0
  await atOnce(8, people, async (account) => {
    let deletions = 0
    for (const collection of collections) deletions += await visitGallery(account, collection)
    account.note(`opens the gallery 49 hours later: ${deletions} tombstones`)
    tombstones += deletions
    // Without its tombstone a deleted image is neither shown nor current.
    if (deletions > 0) await openPages(world, account)
  })
  log(`  49 hours later: ${expired} drafts and uploads have expired, ${tombstones} tombstones were seen by cleanup`)

  await endHosts()
  const kept = await listKept(buckets)
  for (const account of people) auditStore(account, kept.get(account.uid) ?? [])
  const strangers = [...kept.keys()].filter((uid) => !people.some((account) => account.uid === uid))
  for (const uid of strangers) {
    const unowned = world.ledger.open('', '')
    for (const key of kept.get(uid) ?? []) {
      unowned.find({ kind: 'orphan', what: `${key} belongs to no person of this run` })
    }
  }
  log(`  ${[...kept.values()].reduce((sum, keys) => sum + keys.length, 0)} keys of the store checked`)

  const files = await auditPixels(people)
  log(`  ${files} variants and originals compared, pixel by pixel`)
}

/** Opens a gallery as a host does, cleanup included, by this process's clock. @returns how many tombstones there were */
async function visitGallery(account: Account, collection: Collection): Promise<number> {
  const trail = loadTrail(account, collection)
  const gallery = await listGallery(account, collection, trail, { cursor: null, limit: pageSize.default })
  if (!gallery.ok) throw new Error(`a gallery answers ${gallery.code}`)
  await cleanUp(account, collection, await trail, gallery.value.deleted)
  return (await trail).tombstones.size
}

/** Reads what the hosts show a person in the end, when no request can be running any more. */
async function openPages(world: World, account: Account): Promise<void> {
  const person = new Person(world, choicesOf(0, account.name), account)
  const now = () => Number.POSITIVE_INFINITY
  try {
    for (const collection of new Set([...account.uploads.values()].map((upload) => upload.collection))) {
      await person.openGallery(collection, now)
      await person.readHead(collection, now)
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    account.find({ kind: 'stuck', what: error.message })
  }
}
