import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { trailIdForCleanup } from '@/lib/images/storage/trail'
import type { Result } from '@/lib/result'
import {
  isRight,
  newUpload,
  noOne,
  type Operation,
  type Outcome,
  outcomesOf,
  type Person,
  remainsOf,
  type Seen,
  withOpenTrail,
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

/** The steps of model.contract.test.ts: each acts on the real hosts and on the model, and compares what is seen. */

/** The hosts of the test. */
export interface Cast {
  /** Their clocks are ten minutes off, to either side. One has no conditions and random dates. */
  hosts: [Host, Host]
  /** The one that dies, or is held. */
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
    // It logs the deletions that its own death interrupts.
    doomed: await world.startHost({ isSilent: true }),
    pictures: await Promise.all([0, 1, 2].map((seed) => createPicture(seed))),
  }
}

/** A person as the model has them, and what their browser knows. */
interface Actor {
  owner: Owner
  person: Person
  /** The trail's head as it is. */
  head: string | null
  /** The trail's head as each tab showed it. */
  tabs: (string | null)[]
  /** The images that were ever saved, or tried. */
  tried: string[]
  /** By uploadId: sends another file with the policy of the upload. */
  resend: Record<string, { send: (file: Uint8Array) => Promise<number>; at: number }>
}

export interface Model extends Cast {
  people: Actor[]
  /** Hours that have passed. */
  now: number
  /** Hashes of the variants, by the picture that was uploaded and where it was cropped. */
  drawn: Map<string, string[]>
  /** The same by uploadId and cropId. */
  crops: Map<string, string[]>
  /** What was done, for a failure's message. */
  log: string[]
}

const newActor = (): Actor => ({
  owner: createOwner(),
  person: noOne(),
  head: null,
  tabs: [null, null],
  tried: [],
  resend: {},
})

export const newModel = (cast: Cast): Model => ({
  ...cast,
  people: [newActor(), newActor()],
  now: 0,
  drawn: new Map(),
  crops: new Map(),
  log: [],
})

export type Step = (model: Model) => Promise<void>

const show = (value: unknown) => inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY })

const hashAt = async (url: string) =>
  createHash('sha256')
    .update(await bytesAt(url))
    .digest('hex')

const one = (model: Model, who: number) => model.people[who % model.people.length] as Actor

/** What a person sees, on both hosts. */
async function look({ hosts: [first, second] }: Model, { owner }: Actor): Promise<Seen & { head: string | null }> {
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

/** Looks, and keeps the candidate that is right. */
async function settle(model: Model, whom: Actor, candidates: Person[], what: string): Promise<void> {
  const { head, ...seen } = await look(model, whom)
  const person = candidates.find((candidate) => isRight(candidate, seen))
  if (!person) {
    const log = model.log.join('\n')
    throw new Error(`after "${what}" ${show(seen)} is seen, which is none of ${show(candidates)}\n${log}`)
  }
  whom.person = person
  whom.head = head
}

type Answer = { code: Outcome['code']; value?: unknown } | 'killed'

/** Runs an operation on a host, to the end of what follows its answer. */
async function perform(host: Host, whom: Actor, operation: Operation, tab: number): Promise<Answer> {
  const { owner } = whom
  const run = async (): Promise<Result<unknown>> => {
    switch (operation.kind) {
      case 'crop':
        return host.cropUpload(owner, cropOf(operation.uploadId, operation.x))
      case 'save': {
        const { uploadId, cropId, keepOriginal } = operation
        return host.saveImage(owner, { uploadId, cropId, seen: whom.tabs[tab] ?? null, keepOriginal })
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

/** Adds the upload that cropping again has made, whose id only the answer has. */
function noteAnswer(person: Person, operation: Operation, answer: Answer, now: number): Person {
  if (operation.kind !== 'recrop' || answer === 'killed' || answer.code !== 'ok') return person
  const { uploadId } = answer.value as { uploadId: string }
  const seed = person.images[operation.imageId]?.seed
  // Deleted at the same moment: the upload exists, and its picture is that of the image before.
  if (seed === undefined || seed === null) return person
  return { ...person, uploads: { ...person.uploads, [uploadId]: newUpload(seed, now) } }
}

/** A bulk deletion reports each image once: deleted, or not found. */
function checkReport(operation: Operation, answer: Answer, person: Person, log: string): void {
  if (operation.kind !== 'delete many' || answer === 'killed') return
  const { deleted, failed } = answer.value as { deleted: string[]; failed: { imageId: string; code: string }[] }
  expect([...deleted, ...failed.map(({ imageId }) => imageId)].toSorted(), log).toEqual(operation.imageIds.toSorted())
  for (const { imageId, code } of failed) {
    expect(code, log).toBe('not_found')
    expect(Object.keys(person.images), log).not.toContain(imageId)
  }
}

/** What a step wants, in numbers that pick among what exists. */
export interface Wish {
  who: number
  tab: number
  kind: number
  pick: number
}

export const wishKinds = 12

/** Turns a wish into an operation on what exists. */
function pickOperation({ owner, person, tabs, head, tried }: Actor, { tab, kind, pick }: Wish): Operation | null {
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
      const choice = { ...crop, keepOriginal: kind > 1 }
      // Cleanup's none after the head seen does not count as moved on.
      const isHeadSeen = seen === head || (seen !== null && trailIdForCleanup(seen) === head)
      return { kind: 'save', imageId: imageIdOfSave(owner, choice), ...choice, isHeadSeen }
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

const noteTried = (whom: Actor, operation: Operation) => {
  if (operation.kind === 'save' && !whom.tried.includes(operation.imageId)) whom.tried.push(operation.imageId)
}

export const uploadStep =
  (who: number, picture: number, on: number): Step =>
  async (model) => {
    const whom = one(model, who)
    const file = model.pictures[picture] as Buffer
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
    const ticket = granted(await (model.hosts[on] as Host).startUpload(whom.owner, request))
    const send = async (bytes: Uint8Array) =>
      (await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, bytes) })).status
    expect(await send(file)).toBe(204)
    whom.person.uploads[ticket.uploadId] = newUpload(picture, model.now)
    whom.resend[ticket.uploadId] = { send, at: model.now }
    model.log.push(`${who} uploads ${picture} as ${ticket.uploadId}`)
  }

/** An upload and its first crop. */
export const draftStep =
  (who: number, picture: number, on: number, x: number): Step =>
  async (model) => {
    await uploadStep(who, picture, on)(model)
    await cropStep(who, Object.keys(one(model, who).person.uploads).length - 1, x, null)(model)
  }

/** Another file by the policy of the newest upload. */
export const resendStep =
  (who: number, picture: number): Step =>
  async (model) => {
    const whom = one(model, who)
    const [uploadId, sent] = Object.entries(whom.resend).at(-1) ?? []
    if (!uploadId || sent?.at !== model.now) return
    const upload = whom.person.uploads[uploadId]
    // Whether the next crop is of this picture or of the one before is open then.
    if (upload?.mayBeErased) return
    expect(await sent.send(model.pictures[picture] as Buffer)).toBe(204)
    if (upload) upload.sent = { seed: picture, at: model.now }
    model.log.push(`${who} sends ${picture} with the policy of ${uploadId} again`)
  }

/** A crop, perhaps killed and then retried on another host. */
export const cropStep =
  (who: number, pick: number, x: number, dies: number | null): Step =>
  async (model) => {
    const whom = one(model, who)
    const ids = Object.keys(whom.person.uploads)
    const uploadId = ids[pick % ids.length]
    if (!uploadId) return
    const operation = (cropId: string): Operation => ({ kind: 'crop', uploadId, x, cropId })
    if (dies !== null) {
      model.doomed.restart()
      model.doomed.killAfterWrites(dies)
      await perform(model.doomed, whom, operation(''), 0)
    }
    const answer = await perform(model.hosts[pick % 2] as Host, whom, operation(''), 0)
    if (answer === 'killed') throw new Error('no')
    const crop = answer.value as { cropId: string; variants: { url: string }[] } | undefined
    model.log.push(`${who} crops ${uploadId} at ${x}${dies === null ? '' : `, killed after ${dies}`}: ${answer.code}`)
    const outcomes = outcomesOf(whom.person, operation(crop?.cropId ?? ''), model.now)
    const log = model.log.join('\n')
    expect(
      outcomes.map(({ code }) => code),
      log,
    ).toContain(answer.code)
    const right = outcomes.filter(({ code }) => code === answer.code).map(({ person }) => person)
    await settle(model, whom, right, `crop ${uploadId}`)
    if (!crop) return
    // The same crop of the same picture gives the same bytes, and no other does.
    const name = `${whom.person.uploads[uploadId]?.copy} ${x}`
    const hashes = await Promise.all(crop.variants.map(({ url }) => hashAt(url)))
    expect(hashes, log).toEqual(model.drawn.get(name) ?? hashes)
    for (const [other, [first]] of model.drawn) if (other !== name) expect(first).not.toBe(hashes[0])
    model.drawn.set(name, hashes)
    model.crops.set(`${uploadId} ${crop.cropId}`, hashes)
  }

/** Where a host dies: after so many writes, with the answer of the last one or without. */
export interface Death {
  after: number
  hears: boolean
}

/** An operation on one host, which may die of it. */
export const operateStep =
  (wish: Wish, on: number, death: Death | null): Step =>
  async (model) => {
    const whom = one(model, wish.who)
    const operation = pickOperation(whom, wish)
    if (!operation) return
    noteTried(whom, operation)
    const { doomed } = model
    doomed.restart()
    if (death?.hears) doomed.killAfterWrites(death.after)
    else if (death) doomed.killBeforeAnswer(death.after + 1)
    const answer = await perform(death ? doomed : (model.hosts[on] as Host), whom, operation, wish.tab)
    const what = `${wish.who} ${show(operation)}${death ? ` on a host that dies ${show(death)}` : ''}`
    model.log.push(`${what}: ${answer === 'killed' ? answer : answer.code}`)
    const log = model.log.join('\n')
    if (answer === 'killed') {
      await settle(model, whom, remainsOf(whom.person, operation, model.now), what)
      return
    }
    const outcomes = outcomesOf(whom.person, operation, model.now)
    expect(
      outcomes.map(({ code }) => code),
      log,
    ).toContain(answer.code)
    checkReport(operation, answer, whom.person, log)
    const right = outcomes
      .filter(({ code }) => code === answer.code)
      .map(({ person }) => noteAnswer(person, operation, answer, model.now))
    await settle(model, whom, right, what)
    if (operation.kind !== 'save' || answer.code !== 'ok') return
    const saved = answer.value as { current: boolean; imageId: string }
    expect(saved.imageId, log).toBe(operation.imageId)
    expect(saved.current, log).toBe(whom.person.current === operation.imageId)
  }

/** A save that another operation ran into: only its answer shows whether the head was still the one that its page showed. */
function asAnswered(operation: Operation, answer: Answer): Operation {
  if (operation.kind !== 'save' || answer === 'killed' || answer.code !== 'ok') return operation
  return { ...operation, isHeadSeen: (answer.value as { current: boolean }).current }
}

/** A deletion that reads the trail before another one's tombstone, and the entries after they are erased, finds nothing. */
function isDeletedMeanwhile(person: Person, operation: Operation, { code }: Exclude<Answer, 'killed'>): boolean {
  if (operation.kind !== 'delete' || code !== 'not_found') return false
  return !(operation.imageId in person.images) && operation.imageId in person.deletedAt
}

/** Two operations of one person, from two tabs: the second one runs while the first is held at one of its requests. */
export const meanwhileStep =
  (wishes: [Wish, Wish], request: number): Step =>
  async (model) => {
    const whom = one(model, wishes[0].who)
    const [first, second] = wishes.map((wish) => pickOperation(whom, wish))
    if (!first || !second) return
    for (const operation of [first, second]) noteTried(whom, operation)
    const { doomed } = model
    doomed.restart()
    let requests = 0
    let innerAnswer: Answer | undefined
    const runInner = async () => {
      innerAnswer = await perform(model.hosts[0], whom, second, wishes[1].tab)
    }
    doomed.hooks.before = async () => {
      requests += 1
      if (requests === request) await runInner()
    }
    const outerAnswer = await perform(doomed, whom, first, wishes[0].tab)
    if (!innerAnswer) await runInner()
    const answers = [outerAnswer, innerAnswer as Answer]
    const outer = asAnswered(first, outerAnswer)
    const inner = asAnswered(second, innerAnswer as Answer)
    const what = `${wishes[0].who} ${show(outer)} and before its request ${request} ${show(inner)}`
    model.log.push(`${what}: ${answers.map((answer) => (answer === 'killed' ? answer : answer.code)).join(', ')}`)

    // The result is as if one had run after the other. What is current is what either would have left.
    const ends = [
      [outer, inner],
      [inner, outer],
    ].flatMap((order) =>
      order.reduce<Person[]>(
        (people, operation) => {
          const answer = answers[operation === outer ? 0 : 1] as Exclude<Answer, 'killed'>
          return people.flatMap((person) =>
            outcomesOf(person, operation, model.now)
              .filter(({ code }) => code === answer.code || isDeletedMeanwhile(person, operation, answer))
              .map((outcome) => noteAnswer(outcome.person, operation, answer, model.now)),
          )
        },
        [whom.person],
      ),
    )
    const currents = new Set([whom.person.current, null, ...ends.map(({ current }) => current)])
    for (const operation of [outer, inner]) if (operation.kind === 'save') currents.add(operation.imageId)
    const candidates = ends.flatMap((person) =>
      [...currents]
        .filter((current) => current === null || current in person.images)
        .map((current) => withOpenTrail({ ...person, current }, [outer, inner])),
    )
    expect(candidates.length, `no order is right for the answers\n${model.log.join('\n')}`).toBeGreaterThan(0)
    await settle(model, whom, candidates, what)
  }

/** Someone else's image does not exist, whatever the operation. */
export const strangerStep =
  (wish: Wish): Step =>
  async (model) => {
    const operation = pickOperation(one(model, wish.who), wish)
    if (!operation || operation.kind === 'visit' || (operation.kind === 'choose' && !operation.imageId)) return
    const stranger = one(model, wish.who + 1)
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
    const whom = one(model, who)
    whom.tabs[tab] = whom.head
  }

/** A person opens the gallery, and cleanup follows. The head stays, or gets cleanup's none directly after it. */
export const visitStep =
  (who: number): Step =>
  async (model) => {
    const whom = one(model, who)
    const before = whom.head
    await model.hosts[1].visitGallery(whom.owner)
    model.log.push(`${who} visits the gallery`)
    const [outcome] = outcomesOf(whom.person, { kind: 'visit' }, model.now) as [Outcome]
    await settle(model, whom, [outcome.person], 'a visit to the gallery')
    if (whom.head !== before) expect(whom.head, model.log.join('\n')).toBe(trailIdForCleanup(before ?? ''))
  }

export const passStep =
  (hours: number): Step =>
  async (model) => {
    await world.advance(hours * hourMs)
    model.now += hours
    model.log.push(`${hours} hours pass`)
    for (const whom of model.people) await settle(model, whom, [whom.person], 'time')
  }

/** In the end all images are whole and of the right bytes, and after two days and a visit nothing else is left. */
export async function finish(model: Model): Promise<void> {
  await passStep(49.3)(model)
  for (const [who, whom] of model.people.entries()) {
    const { uid } = whom.owner
    await visitStep(who)(model)
    const expected: string[] = []
    for (const image of granted(await model.hosts[0].gallery(whom.owner, { limit: 100 })).images) {
      const { imageId, uploadId, cropId, variants } = image
      const at = `${imageId}\n${model.log.join('\n')}`
      const hashes = await Promise.all(variants.map(({ url }) => hashAt(url)))
      expect(hashes, at).toEqual(model.crops.get(`${uploadId} ${cropId}`))
      expected.push(...variants.map(({ name }) => keys.variant(uid, imageId, name)))
      const seed = whom.person.images[imageId]?.seed ?? null
      if (seed === null) continue
      expected.push(keys.original(uid, imageId))
      expect((await bytesAt(originalOf(image))).equals(model.pictures[seed] as Buffer), at).toBe(true)
    }
    const log = model.log.join('\n')
    const kept = await keptBesidesHistory(whom.owner)
    expect(kept.filter((key) => !key.includes('/entries/')).toSorted(), log).toEqual(expected.toSorted())
    const entries = kept.filter((key) => key.includes('/entries/'))
    expect(new Set(entries.map((key) => key.split('/').at(-1)?.split('.')[0])), log).toEqual(
      new Set(Object.keys(whom.person.images)),
    )
    expect(
      (await keptOf(whom.owner)).filter((key) => key.includes('!cleaned.')),
      log,
    ).toHaveLength(1)
  }
}
