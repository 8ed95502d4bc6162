import { beforeAll, expect, test, vi } from 'vitest'
import { type Collection, findCollection } from '@/lib/images/collections'
import { loadTrail, setCurrentImage, showCurrent } from '@/lib/images/current'
import { deleteImage, deleteImages } from '@/lib/images/delete'
import { describeImage } from '@/lib/images/describe'
import { listGallery, readImage } from '@/lib/images/gallery'
import { saveImage } from '@/lib/images/save'
import { cleanUp } from '@/lib/images/storage/cleanup'
import { finishDeletions } from '@/lib/images/storage/erase'
import { createUploadId, imageIdOf, issuedAt } from '@/lib/images/storage/ids'
import { keys } from '@/lib/images/storage/keys'
import type { Manifest } from '@/lib/images/storage/manifest'
import { trailIdForCleanup } from '@/lib/images/storage/trail'
import {
  begin,
  clock,
  keysBelow,
  objects,
  place,
  type Running,
  reset,
  run,
} from '@/lib/images/test-support/stepped-store'
import { seededRandom } from '@/tools/testing/random'

// Saves, deletions, choices, descriptions, galleries and cleanup of one person, all at once: raced, killed anywhere,
// repeated late, over days. On a store in memory that answers in any order, so that thousands of interleavings are
// tried where a real store shows a few. `INTERLEAVINGS` is how many seeds, `INTERLEAVING` a single one.

// A seed that failed fails again.
vi.mock('node:crypto', async (load) => ({
  ...(await load<typeof import('node:crypto')>()),
  randomBytes: (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => Math.floor(chance() * 256))),
}))
vi.mock('@/lib/s3/objects', () => import('@/lib/images/test-support/stepped-store'))
vi.mock('@/lib/images/storage/buckets', async () => {
  const { clock } = await import('@/lib/images/test-support/stepped-store')
  return { bucketOf: () => ({ name: 'bucket', clock }) }
})
vi.mock('@/lib/s3/presign', () => ({ presignGet: async (_bucket: unknown, key: string) => `http://store/${key}` }))

const minuteMs = 60 * 1000
const hourMs = 60 * minuteMs
const avatars = findCollection('avatars') as Collection
const owner = { uid: '0'.repeat(32) }
const { uid } = owner

beforeAll(() => {
  const variables = {
    APP_ORIGIN: 'http://localhost:3000',
    AWS_REGION: 'us-east-1',
    S3_BUCKET: 'bucket',
    AUTH_MODE: 'guest',
    SESSION_SECRETS: 's'.repeat(32),
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
})

let chance = Math.random

/** A save that pages ask for, as often as they like. */
interface Save {
  uploadId: string
  cropId: string
  keepOriginal: boolean
  seen: string | null | undefined
  imageId: string
}

/** What is known of an image. */
interface Fate {
  save: Save
  isSaved: boolean
  isDeleteBegun: boolean
  isDeleted: boolean
  /** How often it was chosen to be current. */
  choices: number
}

/** One person and all that happens to them with one seed. */
class Life {
  readonly random: () => number
  readonly saves: Save[] = []
  readonly fates = new Map<string, Fate>()
  /** `givesUpOriginal`: a save that does not keep the original has begun. */
  readonly uploads: { uploadId: string; cropIds: string[]; givesUpOriginal: boolean }[] = []
  readonly faults: string[] = []
  private running: Running<unknown>[] = []
  /** Small jumps of time since nothing was under way: a step lasts less than an hour. */
  private jumpedMs = 0
  private heads: (string | null)[] = [null]
  kills = 0

  constructor(readonly seed: number) {
    reset()
    this.random = seededRandom(seed)
    chance = seededRandom(seed + 0.5e9)
  }

  private chance(probability: number): boolean {
    return this.random() < probability
  }

  private pick<T>(list: T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)]
  }

  private fault(text: string): void {
    this.faults.push(`seed ${this.seed}: ${text}`)
  }

  private start<T>(work: () => Promise<T>): Running<T> {
    const process = begin(async () => {
      try {
        return await work()
      } catch (error) {
        this.fault(`threw ${error instanceof Error ? error.stack : String(error)}`)
        throw error
      }
    })
    process.ended.catch(() => {})
    this.running.push(process)
    return process
  }

  /** Steps 1 and 2, done. */
  draft(): void {
    const uploadId = createUploadId(uid, avatars, clock.now())
    const cropIds = Array.from({ length: 1 + Math.floor(this.random() * 3) }, (_, at) => `${at + 1}`.padStart(32, '0'))
    place(keys.upload(uid, uploadId))
    place(keys.workingCopy(uid, uploadId, 'e'))
    for (const cropId of cropIds) {
      const manifest: Manifest = {
        uploadId,
        cropId,
        recipe: { area: { x: 0, y: 0, width: 9, height: 9 }, rotate: 0, flip: { horizontal: false, vertical: false } },
        source: { width: 9, height: 9, etag: 'e', format: 'png' },
        isAnimated: false,
        variants: avatars.variants.map((variant) => ({ ...variant, bytes: 1 })),
      }
      for (const { name } of avatars.variants) place(keys.draftVariant(uid, uploadId, cropId, name))
      place(keys.manifest(uid, uploadId, cropId), JSON.stringify(manifest))
    }
    this.uploads.push({ uploadId, cropIds, givesUpOriginal: false })
  }

  /** A page saves, for the first time or once more. */
  save(save = this.chance(0.5) ? this.pick(this.saves) : this.newSave()): Running<void> | undefined {
    if (!save) return
    const upload = this.uploads.find(({ uploadId }) => uploadId === save.uploadId)
    if (upload && !save.keepOriginal) upload.givesUpOriginal = true
    const fate = this.fateOf(save)
    const wasDeleted = fate.isDeleted
    const wasSaved = fate.isSaved
    return this.start(async () => {
      const { imageId, ...request } = save
      const answer = await saveImage(owner, request)
      const name = `save of ${imageId}`
      if (answer.ok) {
        if (answer.value.imageId !== imageId) this.fault(`${name}: answered ${answer.value.imageId}`)
        if (answer.value.savedAt !== new Date(issuedAt(imageId)).toISOString()) this.fault(`${name}: another savedAt`)
        if (wasDeleted) this.fault(`${name}: succeeded after its deletion was acknowledged`)
        fate.isSaved = true
        if (answer.value.current) this.heads.push(this.headNow())
        this.expectWhole(imageId, `acknowledged ${name}`)
      } else if (answer.code === 'deleted') {
        if (!fate.isDeleteBegun) this.fault(`${name}: deleted, but nobody deletes it`)
      } else if (answer.code === 'draft_gone') {
        if (clock.now() < issuedAt(imageId) + 47 * hourMs) this.fault(`${name}: draft_gone too early`)
        if (wasSaved && !fate.isDeleteBegun) this.fault(`${name}: draft_gone, but it is saved`)
      } else if (answer.code === 'no_original') {
        if (!save.keepOriginal || !upload?.givesUpOriginal) this.fault(`${name}: no_original without a reason`)
        if (wasSaved && !fate.isDeleteBegun) this.fault(`${name}: no_original, but it is saved`)
      } else this.fault(`${name}: ${answer.code}`)
    })
  }

  private newSave(upload = this.pick(this.uploads)): Save | undefined {
    const cropId = upload && this.pick(upload.cropIds)
    if (!cropId) return
    const keepOriginal = this.chance(0.7)
    const { uploadId } = upload
    const seen = this.chance(0.7) ? this.pick(this.heads.slice(-2)) : undefined
    const save = { uploadId, cropId, keepOriginal, seen, imageId: imageIdOf(uid, uploadId, cropId, keepOriginal) }
    this.saves.push(save)
    return save
  }

  private fateOf(save: Save): Fate {
    const known = this.fates.get(save.imageId)
    const fate = known ?? { save, isSaved: false, isDeleteBegun: false, isDeleted: false, choices: 0 }
    this.fates.set(save.imageId, fate)
    return fate
  }

  delete(images = [...this.fates.keys()].filter(() => this.chance(0.5))): void {
    const [first] = images
    if (!first) return
    const begin = (imageId: string) => {
      const fate = this.fates.get(imageId) as Fate
      // Days after a first deletion there is nothing to delete.
      const isThere = fate.isSaved && !fate.isDeleteBegun
      fate.isDeleteBegun = true
      return isThere
    }
    const acknowledge = (imageId: string) => {
      ;(this.fates.get(imageId) as Fate).isDeleted = true
    }
    if (this.chance(0.6)) {
      const wasSaved = begin(first)
      this.start(async () => {
        const answer = await deleteImage(owner, first)
        if (answer.ok) {
          acknowledge(first)
          await finishDeletions(answer.value)
        } else if (wasSaved) this.fault(`deletion of ${first}: ${answer.code}`)
      })
      return
    }
    const wereSaved = images.filter(begin)
    this.start(async () => {
      const { deleted, failed, toErase } = await deleteImages(owner, images)
      deleted.forEach(acknowledge)
      for (const { imageId, code } of failed) {
        if (wereSaved.includes(imageId)) this.fault(`deletion of ${imageId}: ${code}`)
      }
      await finishDeletions(toErase)
    })
  }

  choose(imageId = this.chance(0.2) ? null : this.pick([...this.fates.keys()])): void {
    if (imageId === undefined) return
    const fate = imageId === null ? undefined : this.fates.get(imageId)
    const wasSaved = fate?.isSaved ?? false
    const wasDeleted = fate?.isDeleted ?? false
    if (fate) fate.choices += 1
    this.start(async () => {
      const answer = await setCurrentImage(owner, avatars, imageId)
      if (answer.ok && wasDeleted) this.fault(`choice of ${imageId}: succeeded after its deletion was acknowledged`)
      if (!answer.ok && wasSaved && !fate?.isDeleteBegun) this.fault(`choice of ${imageId}: ${answer.code}`)
    })
  }

  describe(fate = this.pick([...this.fates.values()])): void {
    if (!fate) return
    const { imageId } = fate.save
    const { isSaved, isDeleted } = fate
    const alt = `text ${Math.floor(this.random() * 1000)}`
    this.start(async () => {
      const answer = await describeImage(owner, imageId, alt)
      if (answer.ok && isDeleted) this.fault(`description of ${imageId}: succeeded after its deletion`)
      if (!answer.ok && isSaved && !fate.isDeleteBegun) this.fault(`description of ${imageId}: ${answer.code}`)
    })
  }

  /** A person opens the gallery, and cleanup follows. */
  look(): Running<void> {
    const saved = [...this.fates.values()].filter(({ isSaved }) => isSaved)
    const deleted = [...this.fates.values()].filter(({ isDeleted }) => isDeleted).map(({ save }) => save.imageId)
    return this.start(async () => {
      const trail = loadTrail(owner, avatars)
      const gallery = await listGallery(owner, avatars, trail, { cursor: null, limit: 24 })
      if (!gallery.ok) return this.fault(`gallery: ${gallery.code}`)
      const shown = gallery.value.page.images.map(({ imageId }) => imageId)
      for (const imageId of deleted.filter((id) => shown.includes(id))) this.fault(`gallery shows deleted ${imageId}`)
      for (const { save, isDeleteBegun } of saved) {
        if (!isDeleteBegun && !shown.includes(save.imageId)) this.fault(`gallery lacks ${save.imageId}`)
      }
      for (const imageId of shown) this.expectWhole(imageId, `the gallery's ${imageId}`)
      const { seen, image } = await showCurrent(owner, avatars, await trail)
      this.heads.push(seen)
      if (image && deleted.includes(image.imageId)) this.fault(`deleted ${image.imageId} is current`)
      const [one] = deleted
      if (one && (await readImage(owner, one)).ok) this.fault(`deleted ${one} can be read`)
      await cleanUp(owner, avatars, await trail, gallery.value.deleted)
    })
  }

  /** An image that is shown, and that nobody deletes, has all its files. */
  private expectWhole(imageId: string, name: string): void {
    const fate = this.fates.get(imageId)
    if (!fate) this.fault(`${name}: nobody saved it`)
    if (!fate || fate.isDeleteBegun) return
    for (const variant of avatars.variants) {
      if (!objects.has(keys.variant(uid, imageId, variant.name))) this.fault(`${name}: lacks ${variant.name}`)
    }
    if (fate.save.keepOriginal && !objects.has(keys.original(uid, imageId))) this.fault(`${name}: lacks its original`)
  }

  /** A save that begins minutes before a deadline of its upload, and lasts until after it. */
  async saveAtEdge(): Promise<void> {
    const save = this.newSave()
    const edge = save && issuedAt(save.uploadId) + (this.chance(0.5) ? 47 : 48) * hourMs - 5 * minuteMs
    if (!edge || edge < clock.now()) return
    await this.wait(edge - clock.now())
    this.save(save)
    await this.goOn(15)
    if (this.chance(0.5)) this.save(save)
    await this.goOn(15)
    await this.wait(10 * minuteMs)
    await this.goOn(10)
    this.look()
    await this.goOn(60)
  }

  /** An image of days ago is described and chosen while it is deleted and the gallery cleans up. */
  async raceDeletion(): Promise<void> {
    const old = [...this.fates.values()].find(({ isSaved, isDeleteBegun }) => isSaved && !isDeleteBegun)
    if (!old) return
    await this.wait(49 * hourMs)
    for (let times = 0; times < 3; times += 1) {
      this.describe(old)
      this.choose(old.save.imageId)
      await this.goOn(6)
    }
    this.delete([old.save.imageId])
    await this.goOn(20)
    this.look()
    await this.goOn(40)
    this.look()
    await this.goOn(40)
  }

  kill(): void {
    for (const process of this.running.slice(-3).filter(() => this.chance(0.4))) {
      process.kill(this.chance(0.5))
      this.kills += 1
    }
  }

  goOn(steps: number): Promise<void> {
    return run(this.random, Math.floor(this.random() * steps))
  }

  /** Lets time pass. What is under way comes to its end before an hour has passed. */
  async wait(ms: number): Promise<void> {
    if (this.jumpedMs + ms > 50 * minuteMs) await this.settle()
    else this.jumpedMs += ms
    clock.nowMs += ms
    for (const [prefix, days] of [
      ['incoming/', 1],
      ['drafts/', 2],
    ] as const) {
      for (const key of keysBelow(prefix)) {
        const { lastModified } = objects.get(key) as { lastModified: Date }
        if (clock.nowMs - lastModified.getTime() > days * 24 * hourMs) objects.delete(key)
      }
    }
  }

  /** Lets everything come to its end. */
  async settle(): Promise<void> {
    await run(this.random)
    this.running = []
    this.jumpedMs = 0
  }

  private headNow(): string | null {
    const names = keysBelow(keys.trail(uid, avatars)).map((key) => key.slice(keys.trail(uid, avatars).length))
    return names.find((name) => !name.startsWith('!'))?.split('.')[0] ?? null
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const { ended } = this.start(work)
    await this.settle()
    return ended
  }

  private async currentNow(): Promise<string | null> {
    const read = async () => showCurrent(owner, avatars, await loadTrail(owner, avatars))
    const { image } = await this.alone(read)
    return image?.imageId ?? null
  }

  private isInTrail(imageId: string): boolean {
    return keysBelow(keys.trail(uid, avatars)).some((key) => key.includes(`.${imageId}`))
  }

  private async expectCurrent(imageId: string | null, name: string): Promise<void> {
    const current = await this.currentNow()
    if (current !== imageId) this.fault(`${name}: ${current} is current, and not ${imageId}`)
  }

  /** What is current after a step that was alone, which is where it can be known. */
  async checkCurrent(): Promise<void> {
    await this.settle()
    const before = await this.currentNow()
    const live = [...this.fates.values()].filter(({ isSaved, isDeleteBegun }) => isSaved && !isDeleteBegun)
    const one = this.pick(live)
    const fresh = this.newSave()
    const isFresh = fresh && !this.fates.has(fresh.imageId) && clock.now() < issuedAt(fresh.uploadId) + 47 * hourMs
    const again = (save: Save) => this.alone(async () => this.save(save)?.ended)
    const steps = [
      async () => {
        await this.alone(async () => this.look().ended)
        await this.expectCurrent(before, 'after cleanup')
      },
      async () => {
        if (!one) return
        one.choices += 1
        await this.alone(() => setCurrentImage(owner, avatars, one.save.imageId))
        await this.expectCurrent(one.save.imageId, 'after a choice')
      },
      async () => {
        const isStale = one && one.save.seen !== undefined && one.save.seen !== this.headNow()
        if (!one || !(isStale || this.isInTrail(one.save.imageId))) return
        await again(one.save)
        await this.expectCurrent(before, `after a late retry of ${one.save.imageId}`)
      },
      async () => {
        if (!isFresh) return
        fresh.seen = this.headNow()
        const first = this.save(fresh)
        if (this.chance(0.7)) {
          await this.goOn(40)
          first?.kill(this.chance(0.5))
          this.kills += 1
          await this.settle()
        }
        await again(fresh)
        const { isSaved } = this.fates.get(fresh.imageId) as Fate
        if (isSaved) await this.expectCurrent(fresh.imageId, 'after a save')
      },
      async () => {
        const stale = this.heads.filter((head) => head !== this.headNow()).at(-1)
        // What cleanup has written after a head that was seen does not count.
        if (!isFresh || stale === undefined || (stale !== null && this.headNow() === trailIdForCleanup(stale))) return
        fresh.seen = stale
        await again(fresh)
        await this.expectCurrent(before, 'after a save that saw an older head')
      },
      async () => {
        const fate = before === null ? undefined : this.fates.get(before)
        if (!fate || !before) return
        fate.isDeleteBegun = true
        const answer = await this.alone(() => deleteImage(owner, before))
        fate.isDeleted = answer.ok
        await this.expectCurrent(null, 'after a deletion')
        if (this.chance(0.5)) return
        // Days later a page that still shows that head saves, before or after cleanup.
        const seen = this.headNow()
        await this.wait(49 * hourMs)
        this.draft()
        const late = this.newSave(this.uploads.at(-1))
        if (!late) return
        late.seen = seen
        if (this.chance(0.7)) await this.alone(async () => this.look().ended)
        await again(late)
        await this.expectCurrent(late.imageId, 'after a save that saw a deleted head')
      },
    ]
    await this.pick(steps)?.()
  }

  /** Days later, when the gallery has been opened again, nothing is left but what was saved. */
  async end(): Promise<void> {
    await this.settle()
    // A save that was never answered is asked for once more.
    for (const save of this.saves) await this.alone(async () => this.save(save)?.ended)
    const current = await this.currentNow()
    for (let days = 0; days < 3; days += 1) {
      await this.wait(49 * hourMs)
      await this.alone(async () => this.look().ended)
    }
    if ((await this.currentNow()) !== current) this.fault('what is current has changed by waiting')
    for (const { save, isSaved, isDeleteBegun, isDeleted, choices } of this.fates.values()) {
      const { imageId } = save
      const answer = await this.alone(() => readImage(owner, imageId))
      if (answer.ok && isDeleted) this.fault(`deleted ${imageId} came back`)
      if (!answer.ok && isSaved && !isDeleteBegun) this.fault(`saved ${imageId} is lost`)
      if (answer.ok) this.expectWhole(imageId, `at the end ${imageId}`)
      const items = keysBelow(keys.trail(uid, avatars)).filter((key) => key.includes(`.${imageId}`))
      // Pages that saw different heads are different requests; without `seen` it is the head as read.
      const seen = new Set(this.saves.filter((one) => one.imageId === imageId).map((one) => one.seen))
      const isOneRequest = seen.size === 1 && !seen.has(undefined)
      if (isOneRequest && items.length > 1 + choices)
        this.fault(`${items.length} items in the trail for one save of ${imageId}`)
      const left = ['media/', 'users/']
        .flatMap(keysBelow)
        .filter((key) => key.includes(imageId) && !key.includes('/trail/'))
      if (!answer.ok && left.length > 0) this.fault(`left of ${imageId}: ${left.join(' ')}`)
    }
    const marks = keysBelow(`${keys.trail(uid, avatars)}!`).filter((key) => !key.includes('!cleaned.'))
    if (marks.length > 0) this.fault(`tombstones are left: ${marks.join(' ')}`)
    if (keysBelow(`${keys.trail(uid, avatars)}!cleaned.`).length > 1) this.fault('more than one day of cleanup is left')
  }
}

async function live(seed: number): Promise<Life> {
  const life = new Life(seed)
  const { random } = life
  life.draft()
  const rounds = 4 + Math.floor(random() * 10)
  for (let round = 0; round < rounds && life.faults.length === 0; round += 1) {
    const dice = random()
    if (dice < 0.1) life.draft()
    if (dice < 0.5) life.save()
    else if (dice < 0.6) life.delete()
    else if (dice < 0.68) life.choose()
    else if (dice < 0.75) life.describe()
    else if (dice < 0.83) life.look()
    else if (dice < 0.96) await life.checkCurrent()
    else if (dice < 0.98) await life.saveAtEdge()
    else await life.raceDeletion()
    await life.goOn(30)
    if (random() < 0.3) life.kill()
    if (random() < 0.2) await life.wait(10 * minuteMs)
    else if (random() < 0.12) await life.wait((1 + Math.floor(random() * 30)) * hourMs)
  }
  await life.end()
  return life
}

test('keeps its promises in random interleavings of all steps, kills, late requests and cleanup over days', async () => {
  const { INTERLEAVING, INTERLEAVINGS = '600' } = process.env
  const seeds = INTERLEAVING ? [Number(INTERLEAVING)] : Array.from({ length: Number(INTERLEAVINGS) }, (_, seed) => seed)
  let kills = 0
  let deletions = 0
  let saved = 0
  for (const seed of seeds) {
    const life = await live(seed)
    expect(life.faults).toEqual([])
    kills += life.kills
    for (const { isDeleted, isSaved } of life.fates.values()) {
      if (isDeleted) deletions += 1
      if (isSaved) saved += 1
    }
  }
  if (INTERLEAVING) return
  // Otherwise this would show little.
  expect(kills).toBeGreaterThan(seeds.length)
  expect(saved).toBeGreaterThan(seeds.length)
  expect(deletions).toBeGreaterThan(seeds.length / 4)
  if (INTERLEAVINGS !== '600')
    process.stdout.write(`${seeds.length} seeds: ${saved} saved, ${deletions} deleted, ${kills} kills\n`)
}, 1_200_000)
