import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { trailIdForCleanup } from '@/lib/images/storage/trail'
import type { Result } from '@/lib/result'
import {
  isCorrect,
  newPerson,
  newUpload,
  type Operation,
  type Outcome,
  outcomesOf,
  type Person,
  type Seen,
  statesAfterDeath,
  withUncertainTrail,
} from './person-model'
import { keptBesidesHistory, keptOf } from './placed'
import { world } from './shared-world'
import { Killed } from './watched-client'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  granted,
  type Host,
  hourMs,
  imageIdOfSave,
  originalOf,
  toForm,
} from './world'

/** The steps of model.contract.test.ts. Each runs on real hosts and in the model, and compares what the person sees. */

/** The hosts of the test. */
export interface Cast {
  /** One clock is ten minutes slow, the other ten minutes fast. The first has no conditions and random dates. */
  hosts: [Host, Host]
  /** The host that dies or pauses. */
  doomed: Host
  pictures: Buffer[]
}

export async function startCast(): Promise<Cast> {
  const tenMinutes = 10 * 60 * 1000
  return {
    hosts: [
      await world.startHost({ skewMs: -tenMinutes, withoutConditions: true, withRandomDates: true }),
      await world.startHost({ skewMs: tenMinutes }),
    ],
    // Silent, because it logs deletions that its death interrupts.
    doomed: await world.startHost({ isSilent: true }),
    pictures: await Promise.all([0, 1, 2].map((seed) => createPicture(seed))),
  }
}

/** A person in the model, with the state of their browser. */
interface Actor {
  owner: Owner
  person: Person
  /** The head of the trail. */
  head: string | null
  /** The head of the trail that each tab shows. */
  tabs: (string | null)[]
  /** The ids of all images that a save has tried to create. */
  tried: string[]
  /** Sends another file with the policy of an upload, by uploadId. */
  resend: Record<string, { send: (file: Uint8Array) => Promise<number>; at: number }>
}

export interface Model extends Cast {
  people: Actor[]
  /** Hours since the start. */
  now: number
  /** Hashes of the variants, by picture and position of the crop. */
  hashesByPicture: Map<string, string[]>
  /** Hashes of the variants, by uploadId and cropId. */
  hashesByCrop: Map<string, string[]>
  /** The steps so far, for the message of a failure. */
  log: string[]
}

const newActor = (): Actor => ({
  owner: createOwner(),
  person: newPerson(),
  head: null,
  tabs: [null, null],
  tried: [],
  resend: {},
})

export const newModel = (cast: Cast): Model => ({
  ...cast,
  people: [newActor(), newActor()],
  now: 0,
  hashesByPicture: new Map(),
  hashesByCrop: new Map(),
  log: [],
})

export type Step = (model: Model) => Promise<void>

const show = (value: unknown) => inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY })

const hashAt = async (url: string) =>
  createHash('sha256')
    .update(await bytesAt(url))
    .digest('hex')

const actorOf = (model: Model, who: number) => model.people[who % model.people.length] as Actor

/** Reads what a person sees on both hosts. */
async function readSeen({ hosts: [first, second] }: Model, { owner }: Actor): Promise<Seen & { head: string | null }> {
  const { images } = granted(await first.gallery(owner))
  const { seen, image } = await second.current(owner)
  expect(images.filter(({ current }) => current).map(({ imageId }) => imageId)).toEqual(image ? [image.imageId] : [])
  expect(images.map(({ imageId }) => imageId)).toEqual(images.map(({ imageId }) => imageId).toSorted())
  const shown = Object.fromEntries(
    images.map(({ imageId, cropId, alt, original }) => [imageId, { cropId, alt, isOriginalKept: original !== null }]),
  )
  expect(Object.keys(shown)).toHaveLength(images.length)
  return { images: shown, current: image?.imageId ?? null, head: seen }
}

/** Reads what the person sees and keeps the state that matches it. @throws if none does */
async function settle(model: Model, actor: Actor, candidates: Person[], what: string): Promise<void> {
  const { head, ...seen } = await readSeen(model, actor)
  const person = candidates.find((candidate) => isCorrect(candidate, seen))
  if (!person) {
    const log = model.log.join('\n')
    throw new Error(`after "${what}" the person sees ${show(seen)}, expected one of ${show(candidates)}\n${log}`)
  }
  actor.person = person
  actor.head = head
}

type Answer = { code: Outcome['code']; value?: unknown } | 'killed'

/** Runs an operation on a host, including the work after its answer. */
async function perform(host: Host, actor: Actor, operation: Operation, tab: number): Promise<Answer> {
  const { owner } = actor
  const run = async (): Promise<Result<unknown>> => {
    switch (operation.kind) {
      case 'crop':
        return host.cropUpload(owner, cropOf(operation.uploadId, operation.x))
      case 'save': {
        const { uploadId, cropId, keepOriginal } = operation
        return host.saveImage(owner, { uploadId, cropId, seen: actor.tabs[tab] ?? null, keepOriginal })
      }
      case 'delete': {
        const answer = await host.deleteImage(owner, operation.imageId)
        if (answer.ok) await host.finishDeletions(answer.value)
        return answer
      }
      case 'delete many': {
        const { deleted, failed, toErase } = await host.deleteImages(owner, operation.imageIds)
        if (!host.isDead()) await host.finishDeletions(toErase)
        if (host.isDead()) throw new Killed()
        return { ok: true, value: { deleted, failed } }
      }
      case 'choose':
        return host.setCurrent(owner, operation.imageId)
      case 'describe':
        return host.describeImage(owner, operation.imageId, operation.alt)
      case 'recrop':
        return host.recropImage(owner, operation.imageId)
      case 'visit':
        await host.visitGallery(owner)
        return { ok: true, value: null }
    }
  }
  try {
    const answer = await run()
    return answer.ok ? { code: 'ok', value: answer.value } : { code: answer.code }
  } catch (error) {
    if (error instanceof Killed) return 'killed'
    throw error
  }
}

/** Adds the upload of a "crop again", whose id only the answer contains. */
function noteAnswer(person: Person, operation: Operation, answer: Answer, now: number): Person {
  if (operation.kind !== 'recrop' || answer === 'killed' || answer.code !== 'ok') return person
  const { uploadId } = answer.value as { uploadId: string }
  const seed = person.images[operation.imageId]?.seed
  // The image was deleted at the same time: the upload exists, with the image's earlier picture.
  if (seed === undefined || seed === null) return person
  return { ...person, uploads: { ...person.uploads, [uploadId]: newUpload(seed, now) } }
}

/** Expects that a bulk deletion reports each image once, as deleted or not found. */
function checkReport(operation: Operation, answer: Answer, person: Person, log: string): void {
  if (operation.kind !== 'delete many' || answer === 'killed') return
  const { deleted, failed } = answer.value as { deleted: string[]; failed: { imageId: string; code: string }[] }
  expect([...deleted, ...failed.map(({ imageId }) => imageId)].toSorted(), log).toEqual(operation.imageIds.toSorted())
  for (const { imageId, code } of failed) {
    expect(code, log).toBe('not_found')
    expect(Object.keys(person.images), log).not.toContain(imageId)
  }
}

/** Numbers that choose an operation and one of the existing images or crops. */
export interface Choice {
  who: number
  tab: number
  kind: number
  pick: number
}

export const choiceKinds = 12

/** Returns the operation of a choice, or null if nothing exists for it. */
function pickOperation({ owner, person, tabs, head, tried }: Actor, { tab, kind, pick }: Choice): Operation | null {
  const among = <T>(all: T[]): T | undefined => all[pick % all.length]
  const imageId = among(Object.keys(person.images))
  const anyId = among(tried)
  const crop = among(
    Object.entries(person.uploads).flatMap(([uploadId, { crops }]) =>
      Object.keys(crops).map((cropId) => ({ uploadId, cropId })),
    ),
  )
  const seen = tabs[tab] ?? null
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3: {
      if (!crop) return null
      const request = { ...crop, keepOriginal: kind > 1 }
      // `seen` is not stale if only cleanup's `none` follows it.
      const isHeadSeen = seen === head || (seen !== null && trailIdForCleanup(seen) === head)
      return { kind: 'save', imageId: imageIdOfSave(owner, request), ...request, isHeadSeen }
    }
    case 4:
      return anyId ? { kind: 'delete', imageId: anyId } : null
    case 5:
      return imageId ? { kind: 'delete', imageId } : null
    case 6:
      return imageId ? { kind: 'choose', imageId } : null
    case 7:
      return { kind: 'choose', imageId: null }
    case 8:
      return imageId ? { kind: 'describe', imageId, alt: `text ${pick}` } : null
    case 9:
      return imageId ? { kind: 'recrop', imageId } : null
    case 10:
      return tried.length > 0 ? { kind: 'delete many', imageIds: [...new Set(tried.slice(-1 - (pick % 3)))] } : null
    default:
      return { kind: 'visit' }
  }
}

const noteTried = (actor: Actor, operation: Operation) => {
  if (operation.kind === 'save' && !actor.tried.includes(operation.imageId)) actor.tried.push(operation.imageId)
}

export const uploadStep =
  (who: number, picture: number, on: number): Step =>
  async (model) => {
    const actor = actorOf(model, who)
    const file = model.pictures[picture] as Buffer
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
    const ticket = granted(await (model.hosts[on] as Host).startUpload(actor.owner, request))
    const send = async (bytes: Uint8Array) =>
      (await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, bytes) })).status
    expect(await send(file)).toBe(204)
    actor.person.uploads[ticket.uploadId] = newUpload(picture, model.now)
    actor.resend[ticket.uploadId] = { send, at: model.now }
    model.log.push(`${who} uploads ${picture} as ${ticket.uploadId}`)
  }

/** Uploads a picture and crops it. */
export const draftStep =
  (who: number, picture: number, on: number, x: number): Step =>
  async (model) => {
    await uploadStep(who, picture, on)(model)
    await cropStep(who, Object.keys(actorOf(model, who).person.uploads).length - 1, x, null)(model)
  }

/** Sends another file with the policy of the newest upload. */
export const resendStep =
  (who: number, picture: number): Step =>
  async (model) => {
    const actor = actorOf(model, who)
    const [uploadId, sent] = Object.entries(actor.resend).at(-1) ?? []
    if (!uploadId || sent?.at !== model.now) return
    const upload = actor.person.uploads[uploadId]
    // Then the model cannot know which picture the next crop reads.
    if (upload?.mayBeErased) return
    expect(await sent.send(model.pictures[picture] as Buffer)).toBe(204)
    if (upload) upload.sent = { seed: picture, at: model.now }
    model.log.push(`${who} sends ${picture} with the policy of ${uploadId} again`)
  }

/** Crops an upload. If `dies` is set, a first host dies after that many writes and another host retries. */
export const cropStep =
  (who: number, pick: number, x: number, dies: number | null): Step =>
  async (model) => {
    const actor = actorOf(model, who)
    const ids = Object.keys(actor.person.uploads)
    const uploadId = ids[pick % ids.length]
    if (!uploadId) return
    const operation = (cropId: string): Operation => ({ kind: 'crop', uploadId, x, cropId })
    if (dies !== null) {
      model.doomed.restart()
      model.doomed.killAfterWrites(dies)
      await perform(model.doomed, actor, operation(''), 0)
    }
    const answer = await perform(model.hosts[pick % 2] as Host, actor, operation(''), 0)
    if (answer === 'killed') throw new Error('a host that does not die was killed')
    const crop = answer.value as { cropId: string; variants: { url: string }[] } | undefined
    model.log.push(`${who} crops ${uploadId} at ${x}${dies === null ? '' : `, killed after ${dies}`}: ${answer.code}`)
    const outcomes = outcomesOf(actor.person, operation(crop?.cropId ?? ''), model.now)
    const log = model.log.join('\n')
    expect(
      outcomes.map(({ code }) => code),
      log,
    ).toContain(answer.code)
    const right = outcomes.filter(({ code }) => code === answer.code).map(({ person }) => person)
    await settle(model, actor, right, `crop ${uploadId}`)
    if (!crop) return
    // The same crop of the same picture has the same bytes; any other crop has other bytes.
    const name = `${actor.person.uploads[uploadId]?.copy} ${x}`
    const hashes = await Promise.all(crop.variants.map(({ url }) => hashAt(url)))
    expect(hashes, log).toEqual(model.hashesByPicture.get(name) ?? hashes)
    for (const [other, [first]] of model.hashesByPicture) if (other !== name) expect(first).not.toBe(hashes[0])
    model.hashesByPicture.set(name, hashes)
    model.hashesByCrop.set(`${uploadId} ${crop.cropId}`, hashes)
  }

/** When a host dies: after this many writes, with or without the answer of the last one. */
export interface Death {
  after: number
  getsAnswer: boolean
}

/** Runs an operation on one host, which may die during it. */
export const operateStep =
  (choice: Choice, on: number, death: Death | null): Step =>
  async (model) => {
    const actor = actorOf(model, choice.who)
    const operation = pickOperation(actor, choice)
    if (!operation) return
    noteTried(actor, operation)
    const { doomed } = model
    doomed.restart()
    if (death?.getsAnswer) doomed.killAfterWrites(death.after)
    else if (death) doomed.killBeforeAnswer(death.after + 1)
    const answer = await perform(death ? doomed : (model.hosts[on] as Host), actor, operation, choice.tab)
    const what = `${choice.who} ${show(operation)}${death ? ` on a host that dies ${show(death)}` : ''}`
    model.log.push(`${what}: ${answer === 'killed' ? answer : answer.code}`)
    const log = model.log.join('\n')
    if (answer === 'killed') {
      await settle(model, actor, statesAfterDeath(actor.person, operation, model.now), what)
      return
    }
    const outcomes = outcomesOf(actor.person, operation, model.now)
    expect(
      outcomes.map(({ code }) => code),
      log,
    ).toContain(answer.code)
    checkReport(operation, answer, actor.person, log)
    const right = outcomes
      .filter(({ code }) => code === answer.code)
      .map(({ person }) => noteAnswer(person, operation, answer, model.now))
    await settle(model, actor, right, what)
    if (operation.kind !== 'save' || answer.code !== 'ok') return
    const saved = answer.value as { current: boolean; imageId: string }
    expect(saved.imageId, log).toBe(operation.imageId)
    expect(saved.current, log).toBe(actor.person.current === operation.imageId)
  }

/** For a save beside another operation, only the answer shows whether `seen` was still the head. */
function asAnswered(operation: Operation, answer: Answer): Operation {
  if (operation.kind !== 'save' || answer === 'killed' || answer.code !== 'ok') return operation
  return { ...operation, isHeadSeen: (answer.value as { current: boolean }).current }
}

/** A deletion finds nothing if another one writes its tombstone and erases the entries between the two listings. */
function isDeletedConcurrently(person: Person, operation: Operation, { code }: Exclude<Answer, 'killed'>): boolean {
  if (operation.kind !== 'delete' || code !== 'not_found') return false
  return !(operation.imageId in person.images) && operation.imageId in person.deletedAt
}

/** Runs two operations of one person from two tabs. The second runs while the first pauses at one of its requests. */
export const meanwhileStep =
  (choices: [Choice, Choice], request: number): Step =>
  async (model) => {
    const actor = actorOf(model, choices[0].who)
    const [first, second] = choices.map((choice) => pickOperation(actor, choice))
    if (!first || !second) return
    for (const operation of [first, second]) noteTried(actor, operation)
    const { doomed } = model
    doomed.restart()
    let requests = 0
    let innerAnswer: Answer | undefined
    const runInner = async () => {
      innerAnswer = await perform(model.hosts[0], actor, second, choices[1].tab)
    }
    doomed.hooks.before = async () => {
      requests += 1
      if (requests === request) await runInner()
    }
    const outerAnswer = await perform(doomed, actor, first, choices[0].tab)
    if (!innerAnswer) await runInner()
    const answers = [outerAnswer, innerAnswer as Answer]
    const outer = asAnswered(first, outerAnswer)
    const inner = asAnswered(second, innerAnswer as Answer)
    const what = `${choices[0].who} ${show(outer)} and before its request ${request} ${show(inner)}`
    model.log.push(`${what}: ${answers.map((answer) => (answer === 'killed' ? answer : answer.code)).join(', ')}`)

    // The result equals one of the two orders. The current image can be that of either operation.
    const ends = [
      [outer, inner],
      [inner, outer],
    ].flatMap((order) =>
      order.reduce<Person[]>(
        (people, operation) => {
          const answer = answers[operation === outer ? 0 : 1] as Exclude<Answer, 'killed'>
          return people.flatMap((person) =>
            outcomesOf(person, operation, model.now)
              .filter(({ code }) => code === answer.code || isDeletedConcurrently(person, operation, answer))
              .map((outcome) => noteAnswer(outcome.person, operation, answer, model.now)),
          )
        },
        [actor.person],
      ),
    )
    const currents = new Set([actor.person.current, null, ...ends.map(({ current }) => current)])
    for (const operation of [outer, inner]) if (operation.kind === 'save') currents.add(operation.imageId)
    const candidates = ends.flatMap((person) =>
      [...currents]
        .filter((current) => current === null || current in person.images)
        .map((current) => withUncertainTrail({ ...person, current }, [outer, inner])),
    )
    expect(
      candidates.length,
      `no order of the operations explains the answers\n${model.log.join('\n')}`,
    ).toBeGreaterThan(0)
    await settle(model, actor, candidates, what)
  }

/** Expects that no operation finds another person's image. */
export const strangerStep =
  (choice: Choice): Step =>
  async (model) => {
    const operation = pickOperation(actorOf(model, choice.who), choice)
    if (!operation || operation.kind === 'visit' || (operation.kind === 'choose' && !operation.imageId)) return
    const stranger = actorOf(model, choice.who + 1)
    const answer = await perform(model.hosts[0], stranger, operation, 0)
    if (operation.kind === 'delete many') {
      const failed = operation.imageIds.map((imageId) => ({ imageId, code: 'not_found' }))
      expect(answer).toEqual({ code: 'ok', value: { deleted: [], failed } })
    } else expect(answer).toEqual({ code: 'not_found' })
    await settle(model, stranger, [stranger.person], `stranger ${show(operation)}`)
  }

export const openTabStep =
  (who: number, tab: number): Step =>
  async (model) => {
    const actor = actorOf(model, who)
    actor.tabs[tab] = actor.head
  }

/** Opens the gallery and runs cleanup. The head does not change, or cleanup's `none` follows it directly. */
export const visitStep =
  (who: number): Step =>
  async (model) => {
    const actor = actorOf(model, who)
    const before = actor.head
    await model.hosts[1].visitGallery(actor.owner)
    model.log.push(`${who} visits the gallery`)
    const [outcome] = outcomesOf(actor.person, { kind: 'visit' }, model.now) as [Outcome]
    await settle(model, actor, [outcome.person], 'a visit to the gallery')
    if (actor.head !== before) expect(actor.head, model.log.join('\n')).toBe(trailIdForCleanup(before ?? ''))
  }

export const passStep =
  (hours: number): Step =>
  async (model) => {
    await world.advance(hours * hourMs)
    model.now += hours
    model.log.push(`${hours} hours pass`)
    for (const actor of model.people) await settle(model, actor, [actor.person], 'time')
  }

/** Expects, after two days and a gallery visit, all images with the correct bytes and no other objects. */
export async function finish(model: Model): Promise<void> {
  await passStep(49.3)(model)
  for (const [who, actor] of model.people.entries()) {
    const { uid } = actor.owner
    await visitStep(who)(model)
    const expected: string[] = []
    for (const image of granted(await model.hosts[0].gallery(actor.owner, { limit: 100 })).images) {
      const { imageId, uploadId, cropId, variants } = image
      const at = `${imageId}\n${model.log.join('\n')}`
      const hashes = await Promise.all(variants.map(({ url }) => hashAt(url)))
      expect(hashes, at).toEqual(model.hashesByCrop.get(`${uploadId} ${cropId}`))
      expected.push(...variants.map(({ name }) => keys.variant(uid, imageId, name)))
      const seed = actor.person.images[imageId]?.seed ?? null
      if (seed === null) continue
      expected.push(keys.original(uid, imageId))
      expect((await bytesAt(originalOf(image))).equals(model.pictures[seed] as Buffer), at).toBe(true)
    }
    const log = model.log.join('\n')
    const kept = await keptBesidesHistory(actor.owner)
    expect(kept.filter((key) => !key.includes('/entries/')).toSorted(), log).toEqual(expected.toSorted())
    const entries = kept.filter((key) => key.includes('/entries/'))
    expect(new Set(entries.map((key) => key.split('/').at(-1)?.split('.')[0])), log).toEqual(
      new Set(Object.keys(actor.person.images)),
    )
    expect(
      (await keptOf(actor.owner)).filter((key) => key.includes('!cleaned.')),
      log,
    ).toHaveLength(1)
  }
}
