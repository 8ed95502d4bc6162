import type { Log } from '@/dev/stage'
import { bucketOf } from '@/lib/images/buckets'
import { type Collection, findCollection } from '@/lib/images/collections'
import { loadTrail } from '@/lib/images/current'
import { sweepLeftovers } from '@/lib/images/sweep'
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

const hourMs = 60 * 60 * 1000

/**
 * Holds everything to the ledger, when the last person has gone, all is whole again, and no process of before lives:
 * first what the hosts show each person, then, two days later, what stands in the store, to the last key and pixel.
 * The product's configuration has to stand in this process's environment.
 */
export async function audit(world: World, log: Log): Promise<void> {
  const { accounts } = world.ledger
  const people = accounts.filter(({ uid }) => uid !== '')
  const nobodyAtWork = () => Number.POSITIVE_INFINITY
  await atOnce(8, people, (account) => look(world, account, nobodyAtWork))
  log(`  the galleries of ${people.length} people looked at through the hosts`)

  const collections = collectionNames.map((name) => findCollection(name) as Collection)
  const buckets = [...new Set(collections.map(bucketOf))]
  const expired = await expireAll(buckets)
  for (const { clock } of buckets) {
    const trueNow = clock.now.bind(clock)
    clock.now = () => trueNow() + 49 * hourMs
  }
  let leftovers = 0
  await atOnce(8, people, async (account) => {
    for (const collection of collections) {
      const trail = await loadTrail(account, collection)
      leftovers += trail.pending.length
      if (trail.pending.length === 0) continue
      await sweepLeftovers(account, collection, trail)
      account.note(`opens the gallery 49 hours later: ${trail.pending.map(({ key }) => key)} swept`)
      await look(world, account, nobodyAtWork)
    }
  })
  log(`  49 hours later: ${expired} drafts and uploads have expired, ${leftovers} leftovers of killed steps are swept`)

  const kept = await listKept(buckets)
  for (const account of people) auditStore(account, kept.get(account.uid) ?? [])
  const strangers = [...kept.keys()].filter((uid) => !people.some((account) => account.uid === uid))
  for (const uid of strangers) {
    const nobody = world.ledger.open('', '')
    for (const key of kept.get(uid) ?? []) nobody.find({ kind: 'orphan', what: `${key} is of nobody who was here` })
  }
  log(`  ${[...kept.values()].reduce((sum, keys) => sum + keys.length, 0)} keys of the store accounted for`)

  const pictures = await auditPixels(people)
  log(`  ${pictures} variants and originals looked at, pixel by pixel`)
}

/** What a person sees at last. */
async function look(world: World, account: Account, now: () => number): Promise<void> {
  const person = new Person(world, choicesOf(0, account.name), account)
  try {
    for (const collection of new Set([...account.pictures.values()].map((picture) => picture.collection))) {
      await person.lookAtGallery(collection, now)
      await person.readHead(collection, now)
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    account.find({ kind: 'stuck', what: error.message })
  }
}
