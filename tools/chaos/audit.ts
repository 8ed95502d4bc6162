import pMap from 'p-map'
import { type Collection, findCollection } from '@/lib/images/collections'
import { loadTrail } from '@/lib/images/current'
import { listGallery, pageSize } from '@/lib/images/gallery'
import { bucketOf } from '@/lib/images/storage/buckets'
import { cleanUp } from '@/lib/images/storage/cleanup'
import type { Log } from '@/tools/process/progress'
import { auditPixels, concurrency } from './audit-pixels'
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
 * Checks everything against the ledger, after all people have left, all faults have ended and all hosts have restarted:
 * first the pages of each person, then, two days later, every key and pixel in the store. The environment of this process
 * must contain the configuration of the product.
 * @param endHosts ends the hosts after their work that follows a response
 */
export async function audit(world: World, endHosts: () => Promise<unknown>, log: Log): Promise<void> {
  const { accounts } = world.ledger
  const people = accounts.filter(({ uid }) => uid !== '')
  await pMap(people, (account) => openPages(world, account), { concurrency })
  log(`  opened the galleries of ${people.length} people through the hosts`)

  const collections = collectionNames.map((name) => findCollection(name) as Collection)
  const buckets = [...new Set(collections.map(bucketOf))]
  const expired = await expireAll(buckets)
  for (const { clock } of buckets) {
    const trueNow = clock.now.bind(clock)
    clock.now = () => trueNow() + laterMs
  }
  let tombstones = 0
  const visitGalleries = async (account: Account) => {
    let deletions = 0
    for (const collection of collections) deletions += await visitGallery(account, collection)
    account.log(`opens the gallery 49 hours later: ${deletions} tombstones`)
    tombstones += deletions
    // A deleted image must stay hidden without its tombstone, too.
    if (deletions > 0) await openPages(world, account)
  }
  await pMap(people, visitGalleries, { concurrency })
  log(`  49 hours later: ${expired} drafts and uploads have expired, cleanup read ${tombstones} tombstones`)

  await endHosts()
  const kept = await listKept(buckets)
  for (const account of people) auditStore(account, kept.get(account.uid) ?? [])
  const strangers = [...kept.keys()].filter((uid) => !people.some((account) => account.uid === uid))
  for (const uid of strangers) {
    const unowned = world.ledger.open('')
    for (const key of kept.get(uid) ?? []) {
      unowned.addFinding('orphan', `${key} belongs to no person of this run`)
    }
  }
  log(`  ${[...kept.values()].reduce((sum, keys) => sum + keys.length, 0)} keys of the store checked`)

  const files = await auditPixels(people)
  log(`  ${files} variants and originals compared, pixel by pixel`)
}

/** Opens a gallery and cleans up as a host does, by this process's clock. @returns the number of tombstones */
async function visitGallery(account: Account, collection: Collection): Promise<number> {
  const trail = loadTrail(account, collection)
  const gallery = await listGallery(account, collection, trail, { cursor: null, limit: pageSize.default })
  if (!gallery.ok) throw new Error(`a gallery failed: ${gallery.code}`)
  await cleanUp(account, collection, await trail, gallery.value.deleted)
  return (await trail).tombstones.size
}

/** Checks the pages of a person at the end, when no request is running. */
async function openPages(world: World, account: Account): Promise<void> {
  const person = new Person(world, choicesOf(0, account.name), account)
  const now = () => Number.POSITIVE_INFINITY
  try {
    for (const collection of new Set([...account.uploads.values()].map((upload) => upload.collection))) {
      await person.openGallery(collection, now)
      await person.readHead(collection, now)
    }
    await person.tryEndedSessions()
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    account.addFinding('stuck', error.message)
  }
}
