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

// Runs saves, deletions, choices, descriptions, galleries and cleanup of one person concurrently. They race, die at any
// request and are retried late, over days. A store in memory answers in random order, which covers thousands of
// interleavings; a real store shows a few. `INTERLEAVINGS` sets the number of seeds, `INTERLEAVING` selects one seed.

// Makes random ids depend on the seed, so that a failure is reproducible.
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

/** A save request, which pages may repeat. */
interface Save {
  uploadId: string
  cropId: string
  keepOriginal: boolean
  seen: string | null | undefined
  imageId: string
}

/** The expected state of an image. */
interface ImageState {
  save: Save
  isSaved: boolean
  isDeletionStarted: boolean
  isDeleted: boolean
  /** How often someone chose it as the current image. */
  choices: number
}

/** Simulates one person with the random steps of one seed. */
class Simulation {
  readonly random: () => number
  readonly saves: Save[] = []
  readonly images = new Map<string, ImageState>()
  /** `mayLoseOriginal`: a save that does not keep the original has started. */
  readonly uploads: { uploadId: string; cropIds: string[]; mayLoseOriginal: boolean }[] = []
  readonly faults: string[] = []
  private running: Running<unknown>[] = []
  /** Time that has passed while steps were running: a step takes less than an hour. */
  private busyMs = 0
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

  /** Adds an upload with one to three crops, without running these steps. */
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
    this.uploads.push({ uploadId, cropIds, mayLoseOriginal: false })
  }

  /** Starts a new save or a retry. */
  save(save = this.chance(0.5) ? this.pick(this.saves) : this.newSave()): Running<void> | undefined {
    if (!save) return
    const upload = this.uploads.find(({ uploadId }) => uploadId === save.uploadId)
    if (upload && !save.keepOriginal) upload.mayLoseOriginal = true
    const state = this.stateOf(save)
    const wasDeleted = state.isDeleted
    const wasSaved = state.isSaved
    return this.start(async () => {
      const { imageId, ...request } = save
      const answer = await saveImage(owner, request)
      const name = `save of ${imageId}`
      if (answer.ok) {
        if (answer.value.imageId !== imageId) this.fault(`${name}: answered ${answer.value.imageId}`)
        if (answer.value.savedAt !== new Date(issuedAt(imageId)).toISOString()) this.fault(`${name}: another savedAt`)
        if (wasDeleted) this.fault(`${name}: succeeded after its deletion was acknowledged`)
        state.isSaved = true
        if (answer.value.current) this.heads.push(this.headNow())
        this.expectComplete(imageId, `acknowledged ${name}`)
      } else if (answer.code === 'deleted') {
        if (!state.isDeletionStarted) this.fault(`${name}: deleted without a deletion`)
      } else if (answer.code === 'draft_gone') {
        if (clock.now() < issuedAt(imageId) + 47 * hourMs) this.fault(`${name}: draft_gone too early`)
        if (wasSaved && !state.isDeletionStarted) this.fault(`${name}: draft_gone, but it is saved`)
      } else if (answer.code === 'no_original') {
        if (!save.keepOriginal || !upload?.mayLoseOriginal) this.fault(`${name}: no_original without a reason`)
        if (wasSaved && !state.isDeletionStarted) this.fault(`${name}: no_original, but it is saved`)
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

  private stateOf(save: Save): ImageState {
    const known = this.images.get(save.imageId)
    const state = known ?? { save, isSaved: false, isDeletionStarted: false, isDeleted: false, choices: 0 }
    this.images.set(save.imageId, state)
    return state
  }

  delete(imageIds = [...this.images.keys()].filter(() => this.chance(0.5))): void {
    const [first] = imageIds
    if (!first) return
    const startDeletion = (imageId: string) => {
      const state = this.images.get(imageId) as ImageState
      // A repeated deletion may answer not_found days later.
      const mustExist = state.isSaved && !state.isDeletionStarted
      state.isDeletionStarted = true
      return mustExist
    }
    const acknowledge = (imageId: string) => {
      ;(this.images.get(imageId) as ImageState).isDeleted = true
    }
    if (this.chance(0.6)) {
      const wasSaved = startDeletion(first)
      this.start(async () => {
        const answer = await deleteImage(owner, first)
        if (answer.ok) {
          acknowledge(first)
          await finishDeletions(answer.value)
        } else if (wasSaved) this.fault(`deletion of ${first}: ${answer.code}`)
      })
      return
    }
    const wereSaved = imageIds.filter(startDeletion)
    this.start(async () => {
      const { deleted, failed, toErase } = await deleteImages(owner, imageIds)
      deleted.forEach(acknowledge)
      for (const { imageId, code } of failed) {
        if (wereSaved.includes(imageId)) this.fault(`deletion of ${imageId}: ${code}`)
      }
      await finishDeletions(toErase)
    })
  }

  choose(imageId = this.chance(0.2) ? null : this.pick([...this.images.keys()])): void {
    if (imageId === undefined) return
    const state = imageId === null ? undefined : this.images.get(imageId)
    const wasSaved = state?.isSaved ?? false
    const wasDeleted = state?.isDeleted ?? false
    if (state) state.choices += 1
    this.start(async () => {
      const answer = await setCurrentImage(owner, avatars, imageId)
      if (answer.ok && wasDeleted) this.fault(`choice of ${imageId}: succeeded after its deletion was acknowledged`)
      if (!answer.ok && wasSaved && !state?.isDeletionStarted) this.fault(`choice of ${imageId}: ${answer.code}`)
    })
  }

  describe(state = this.pick([...this.images.values()])): void {
    if (!state) return
    const { imageId } = state.save
    const { isSaved, isDeleted } = state
    const alt = `text ${Math.floor(this.random() * 1000)}`
    this.start(async () => {
      const answer = await describeImage(owner, imageId, alt)
      if (answer.ok && isDeleted) this.fault(`description of ${imageId}: succeeded after its deletion`)
      if (!answer.ok && isSaved && !state.isDeletionStarted) this.fault(`description of ${imageId}: ${answer.code}`)
    })
  }

  /** Opens the gallery, then runs cleanup. */
  visitGallery(): Running<void> {
    const saved = [...this.images.values()].filter(({ isSaved }) => isSaved)
    const deleted = [...this.images.values()].filter(({ isDeleted }) => isDeleted).map(({ save }) => save.imageId)
    return this.start(async () => {
      const trail = loadTrail(owner, avatars)
      const gallery = await listGallery(owner, avatars, trail, { cursor: null, limit: 24 })
      if (!gallery.ok) return this.fault(`gallery: ${gallery.code}`)
      const shown = gallery.value.page.images.map(({ imageId }) => imageId)
      for (const imageId of deleted.filter((id) => shown.includes(id))) this.fault(`gallery shows deleted ${imageId}`)
      for (const { save, isDeletionStarted } of saved) {
        if (!isDeletionStarted && !shown.includes(save.imageId)) this.fault(`gallery lacks ${save.imageId}`)
      }
      for (const imageId of shown) this.expectComplete(imageId, `the gallery's ${imageId}`)
      const { seen, image } = await showCurrent(owner, avatars, await trail)
      this.heads.push(seen)
      if (image && deleted.includes(image.imageId)) this.fault(`deleted ${image.imageId} is current`)
      const [one] = deleted
      if (one && (await readImage(owner, one)).ok) this.fault(`deleted ${one} can be read`)
      await cleanUp(owner, avatars, await trail, gallery.value.deleted)
    })
  }

  /** Expects that an image has all its files, unless someone deletes it. */
  private expectComplete(imageId: string, name: string): void {
    const state = this.images.get(imageId)
    if (!state) this.fault(`${name}: shown without a save`)
    if (!state || state.isDeletionStarted) return
    for (const variant of avatars.variants) {
      if (!objects.has(keys.variant(uid, imageId, variant.name))) this.fault(`${name}: lacks ${variant.name}`)
    }
    if (state.save.keepOriginal && !objects.has(keys.original(uid, imageId))) this.fault(`${name}: lacks its original`)
  }

  /** Starts a save five minutes before a deadline of its upload; it ends after the deadline. */
  async saveAtDeadline(): Promise<void> {
    const save = this.newSave()
    const startMs = save && issuedAt(save.uploadId) + (this.chance(0.5) ? 47 : 48) * hourMs - 5 * minuteMs
    if (!startMs || startMs < clock.now()) return
    await this.wait(startMs - clock.now())
    this.save(save)
    await this.runSteps(15)
    if (this.chance(0.5)) this.save(save)
    await this.runSteps(15)
    await this.wait(10 * minuteMs)
    await this.runSteps(10)
    this.visitGallery()
    await this.runSteps(60)
  }

  /** Describes and chooses an image of days ago while it is deleted and the gallery cleans up. */
  async raceDeletion(): Promise<void> {
    const old = [...this.images.values()].find(({ isSaved, isDeletionStarted }) => isSaved && !isDeletionStarted)
    if (!old) return
    await this.wait(49 * hourMs)
    for (let times = 0; times < 3; times += 1) {
      this.describe(old)
      this.choose(old.save.imageId)
      await this.runSteps(6)
    }
    this.delete([old.save.imageId])
    await this.runSteps(20)
    this.visitGallery()
    await this.runSteps(40)
    this.visitGallery()
    await this.runSteps(40)
  }

  kill(): void {
    for (const process of this.running.slice(-3).filter(() => this.chance(0.4))) {
      process.kill(this.chance(0.5))
      this.kills += 1
    }
  }

  runSteps(steps: number): Promise<void> {
    return run(this.random, Math.floor(this.random() * steps))
  }

  /** Lets time pass and expires temporary objects. Completes running steps before they last an hour. */
  async wait(ms: number): Promise<void> {
    if (this.busyMs + ms > 50 * minuteMs) await this.runAll()
    else this.busyMs += ms
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

  /** Completes all running steps. */
  async runAll(): Promise<void> {
    await run(this.random)
    this.running = []
    this.busyMs = 0
  }

  private headNow(): string | null {
    const names = keysBelow(keys.trail(uid, avatars)).map((key) => key.slice(keys.trail(uid, avatars).length))
    return names.find((name) => !name.startsWith('!'))?.split('.')[0] ?? null
  }

  private async runAlone<T>(work: () => Promise<T>): Promise<T> {
    const { ended } = this.start(work)
    await this.runAll()
    return ended
  }

  private async currentNow(): Promise<string | null> {
    const read = async () => showCurrent(owner, avatars, await loadTrail(owner, avatars))
    const { image } = await this.runAlone(read)
    return image?.imageId ?? null
  }

  private isInTrail(imageId: string): boolean {
    return keysBelow(keys.trail(uid, avatars)).some((key) => key.includes(`.${imageId}`))
  }

  private async expectCurrent(imageId: string | null, name: string): Promise<void> {
    const current = await this.currentNow()
    if (current !== imageId) this.fault(`${name}: ${current} is current instead of ${imageId}`)
  }

  /** Runs one step alone, because only then its effect on the current image is certain, and checks that effect. */
  async stepAlone(): Promise<void> {
    await this.runAll()
    const before = await this.currentNow()
    const live = [...this.images.values()].filter(({ isSaved, isDeletionStarted }) => isSaved && !isDeletionStarted)
    const one = this.pick(live)
    const fresh = this.newSave()
    const isFresh = fresh && !this.images.has(fresh.imageId) && clock.now() < issuedAt(fresh.uploadId) + 47 * hourMs
    const retry = (save: Save) => this.runAlone(async () => this.save(save)?.ended)
    const steps = [
      async () => {
        await this.runAlone(async () => this.visitGallery().ended)
        await this.expectCurrent(before, 'after cleanup')
      },
      async () => {
        if (!one) return
        one.choices += 1
        await this.runAlone(() => setCurrentImage(owner, avatars, one.save.imageId))
        await this.expectCurrent(one.save.imageId, 'after a choice')
      },
      async () => {
        const isStale = one && one.save.seen !== undefined && one.save.seen !== this.headNow()
        if (!one || !(isStale || this.isInTrail(one.save.imageId))) return
        await retry(one.save)
        await this.expectCurrent(before, `after a late retry of ${one.save.imageId}`)
      },
      async () => {
        if (!isFresh) return
        fresh.seen = this.headNow()
        const first = this.save(fresh)
        if (this.chance(0.7)) {
          await this.runSteps(40)
          first?.kill(this.chance(0.5))
          this.kills += 1
          await this.runAll()
        }
        await retry(fresh)
        const { isSaved } = this.images.get(fresh.imageId) as ImageState
        if (isSaved) await this.expectCurrent(fresh.imageId, 'after a save')
      },
      async () => {
        const stale = this.heads.filter((head) => head !== this.headNow()).at(-1)
        // The item that cleanup writes after a seen head does not count as a newer head.
        if (!isFresh || stale === undefined || (stale !== null && this.headNow() === trailIdForCleanup(stale))) return
        fresh.seen = stale
        await retry(fresh)
        await this.expectCurrent(before, 'after a save that saw an older head')
      },
      async () => {
        const state = before === null ? undefined : this.images.get(before)
        if (!state || !before) return
        state.isDeletionStarted = true
        const answer = await this.runAlone(() => deleteImage(owner, before))
        state.isDeleted = answer.ok
        await this.expectCurrent(null, 'after a deletion')
        if (this.chance(0.5)) return
        // Days later a page that still shows that head saves, with or without cleanup before it.
        const seen = this.headNow()
        await this.wait(49 * hourMs)
        this.draft()
        const late = this.newSave(this.uploads.at(-1))
        if (!late) return
        late.seen = seen
        if (this.chance(0.7)) await this.runAlone(async () => this.visitGallery().ended)
        await retry(late)
        await this.expectCurrent(late.imageId, 'after a save that saw a deleted head')
      },
    ]
    await this.pick(steps)?.()
  }

  /** Retries every save, then expects that days of cleanup keep exactly the saved images. */
  async end(): Promise<void> {
    await this.runAll()
    // Pages retry saves that never answered.
    for (const save of this.saves) await this.runAlone(async () => this.save(save)?.ended)
    const current = await this.currentNow()
    for (let days = 0; days < 3; days += 1) {
      await this.wait(49 * hourMs)
      await this.runAlone(async () => this.visitGallery().ended)
    }
    if ((await this.currentNow()) !== current) this.fault('the current image changed without a step')
    for (const { save, isSaved, isDeletionStarted, isDeleted, choices } of this.images.values()) {
      const { imageId } = save
      const answer = await this.runAlone(() => readImage(owner, imageId))
      if (answer.ok && isDeleted) this.fault(`deleted ${imageId} came back`)
      if (!answer.ok && isSaved && !isDeletionStarted) this.fault(`saved ${imageId} is lost`)
      if (answer.ok) this.expectComplete(imageId, `at the end ${imageId}`)
      const items = keysBelow(keys.trail(uid, avatars)).filter((key) => key.includes(`.${imageId}`))
      // Pages that saw different heads send different requests; a request without `seen` uses the head it reads.
      const seen = new Set(this.saves.filter((one) => one.imageId === imageId).map((one) => one.seen))
      const isOneRequest = seen.size === 1 && !seen.has(undefined)
      if (isOneRequest && items.length > 1 + choices)
        this.fault(`${items.length} items in the trail for one save of ${imageId}`)
      const left = ['media/', 'users/']
        .flatMap(keysBelow)
        .filter((key) => key.includes(imageId) && !key.includes('/trail/'))
      if (!answer.ok && left.length > 0) this.fault(`cleanup left objects of ${imageId}: ${left.join(' ')}`)
    }
    const tombstones = keysBelow(`${keys.trail(uid, avatars)}!`).filter((key) => !key.includes('!cleaned.'))
    if (tombstones.length > 0) this.fault(`cleanup left tombstones: ${tombstones.join(' ')}`)
    if (keysBelow(`${keys.trail(uid, avatars)}!cleaned.`).length > 1)
      this.fault('cleanup left more than one daily marker')
  }
}

async function simulate(seed: number): Promise<Simulation> {
  const simulation = new Simulation(seed)
  const { random } = simulation
  simulation.draft()
  const rounds = 4 + Math.floor(random() * 10)
  for (let round = 0; round < rounds && simulation.faults.length === 0; round += 1) {
    const dice = random()
    if (dice < 0.1) simulation.draft()
    if (dice < 0.5) simulation.save()
    else if (dice < 0.6) simulation.delete()
    else if (dice < 0.68) simulation.choose()
    else if (dice < 0.75) simulation.describe()
    else if (dice < 0.83) simulation.visitGallery()
    else if (dice < 0.96) await simulation.stepAlone()
    else if (dice < 0.98) await simulation.saveAtDeadline()
    else await simulation.raceDeletion()
    await simulation.runSteps(30)
    if (random() < 0.3) simulation.kill()
    if (random() < 0.2) await simulation.wait(10 * minuteMs)
    else if (random() < 0.12) await simulation.wait((1 + Math.floor(random() * 30)) * hourMs)
  }
  await simulation.end()
  return simulation
}

test('keeps every rule in random interleavings with kills, retries and cleanup', async () => {
  const { INTERLEAVING, INTERLEAVINGS = '600' } = process.env
  const seeds = INTERLEAVING ? [Number(INTERLEAVING)] : Array.from({ length: Number(INTERLEAVINGS) }, (_, seed) => seed)
  let kills = 0
  let deletions = 0
  let saved = 0
  for (const seed of seeds) {
    const simulation = await simulate(seed)
    expect(simulation.faults).toEqual([])
    kills += simulation.kills
    for (const { isDeleted, isSaved } of simulation.images.values()) {
      if (isDeleted) deletions += 1
      if (isSaved) saved += 1
    }
  }
  if (INTERLEAVING) return
  // With fewer of them this test would cover little.
  expect(kills).toBeGreaterThan(seeds.length)
  expect(saved).toBeGreaterThan(seeds.length)
  expect(deletions).toBeGreaterThan(seeds.length / 4)
  if (INTERLEAVINGS !== '600')
    process.stdout.write(`${seeds.length} seeds: ${saved} saved, ${deletions} deleted, ${kills} kills\n`)
}, 1_200_000)
