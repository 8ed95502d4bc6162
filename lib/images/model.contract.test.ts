import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { propertyRun } from '@/dev/property-run'
import type { Result } from './errors'
import type { Owner } from './owner'
import {
  freshDraft,
  noOne,
  type Operation,
  type Outcome,
  outcomesOf,
  type Person,
  recognise,
  remainsOf,
  type Seen,
  touched,
} from './person-model.test-support'
import { world } from './shared-world.test-support'
import { Killed } from './watched-client.test-support'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  granted,
  type Host,
  hourMs,
  originalOf,
  toForm,
} from './world.test-support'

/**
 * People, tabs and hosts at random: uploads, crops, saves, choices, descriptions, deletions, policies used again, hosts
 * that die at a random write or are held up while another does something else, and time. After each step every person
 * sees what the model says they must.
 *
 * FLOWS_SEED repeats a run, and makes its failure smaller; FLOWS_RUNS says how many runs there are.
 */

const { seed, runs, shrinks } = propertyRun()

/** Hosts whose clocks are ten minutes off, one of them without conditional requests; and one that dies. */
let hosts: [Host, Host]
let doomed: Host
let pictures: Buffer[]

beforeAll(async () => {
  const tenMinutes = 10 * 60 * 1000
  hosts = [
    await world.startHost({ skewMs: -tenMinutes, withoutConditions: true }),
    await world.startHost({ skewMs: tenMinutes }),
  ]
  doomed = await world.startHost()
  pictures = await Promise.all([0, 1, 2].map((at) => createPicture(at)))
})

/** A person, as they are in the model, and what their browser knows. */
interface Somebody {
  owner: Owner
  person: Person
  /** The trail's head as it is. */
  head: string | null
  /** The trail's head as each tab showed it. */
  tabs: (string | null)[]
  /** By imageId: sends another file with the policy of the upload. */
  resend: Record<string, { send: (file: Uint8Array) => Promise<number>; at: number }>
}

interface Model {
  people: Somebody[]
  /** Hours that have been let pass. */
  now: number
  /** Hashes of the variants, by the picture that was uploaded and where it was cropped. */
  drawn: Map<string, string[]>
  /** The same by imageId and cropId. */
  crops: Map<string, string[]>
  /** What was done, for whoever reads of a failure. */
  log: string[]
}

const hashAt = async (url: string) =>
  createHash('sha256')
    .update(await bytesAt(url))
    .digest('hex')

/** What a person sees, on both hosts. */
async function look(somebody: Somebody): Promise<Seen & { head: string | null }> {
  const { owner } = somebody
  const [one, two] = hosts
  const { images } = granted(await one.gallery(owner))
  const { seen, picture } = await two.current(owner)
  expect(images.filter(({ current }) => current).map(({ imageId }) => imageId)).toEqual(
    picture ? [picture.imageId] : [],
  )
  expect(images.map(({ imageId }) => imageId)).toEqual(images.map(({ imageId }) => imageId).toSorted())
  const shown = Object.fromEntries(
    images.map(({ imageId, cropId, alt, original }) => [imageId, { cropId, alt, isOriginalKept: original !== null }]),
  )
  expect(Object.keys(shown)).toHaveLength(images.length)
  return { pictures: shown, current: picture?.imageId ?? null, head: seen }
}

/** Looks, and takes in which of the candidates it is. */
async function settle(model: Model, somebody: Somebody, candidates: Person[], what: string): Promise<void> {
  const { head, ...seen } = await look(somebody)
  for (const candidate of candidates) {
    const person = recognise(candidate, seen)
    if (!person) continue
    somebody.person = person
    somebody.head = head
    return
  }
  const told = (value: unknown) => inspect(value, { depth: 6 })
  throw new Error(
    `after "${what}" ${told(seen)} is seen, and none of these is it: ${told(candidates)}\n${model.log.join('\n')}`,
  )
}

type Answer = { code: Outcome['code']; value?: unknown } | 'killed'

/** Runs an operation on a host. */
async function perform(host: Host, somebody: Somebody, operation: Operation, tab: number): Promise<Answer> {
  const { owner } = somebody
  const run = (): Promise<Result<unknown>> => {
    switch (operation.kind) {
      case 'crop':
        return host.cropUpload(owner, cropOf(operation.imageId, operation.x))
      case 'save': {
        const { imageId, cropId, keepOriginal } = operation
        return host.saveImage(owner, { imageId, cropId, seen: somebody.tabs[tab] ?? null, keepOriginal })
      }
      case 'delete':
        return host.deleteImage(owner, operation.imageId)
      case 'choose':
        return host.setCurrent(owner, operation.imageId)
      case 'describe':
        return host.describeImage(owner, operation.imageId, operation.alt)
      case 'recrop':
        return host.recropImage(owner, operation.imageId)
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

/** Takes in what an answer brought that nobody could know before: the id of a picture to be cropped again. */
function noteAnswer(somebody: Somebody, person: Person, operation: Operation, answer: Answer, now: number): Person {
  if (operation.kind !== 'recrop' || answer === 'killed' || answer.code !== 'ok') return person
  const { imageId } = answer.value as { imageId: string }
  const copy = { seed: somebody.person.pictures[operation.imageId]?.seed as number, at: now }
  return {
    ...person,
    drafts: { ...person.drafts, [imageId]: { ...freshDraft(), copy } },
  }
}

/** What a step wants, in numbers that pick among what there is. */
interface Wish {
  who: number
  tab: number
  kind: number
  pick: number
}

/** Turns a wish into an operation on what there is, if there is any. */
function pickOperation(somebody: Somebody, { tab, kind, pick }: Wish): Operation | null {
  const { person, tabs, head } = somebody
  const among = <T>(all: T[]): T | undefined => all[pick % all.length]
  const imageId = among(Object.keys(person.pictures))
  const anyId = among(Object.keys(person.drafts))
  const crop = among(
    Object.entries(person.drafts).flatMap(([id, { crops }]) =>
      Object.keys(crops).map((cropId) => ({ imageId: id, cropId })),
    ),
  )
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
      return crop ? { kind: 'save', ...crop, isHeadSeen: (tabs[tab] ?? null) === head, keepOriginal: kind > 1 } : null
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
    default:
      return imageId ? { kind: 'recrop', imageId } : null
  }
}

const told = (operation: Operation) => inspect(operation, { breakLength: Number.POSITIVE_INFINITY })

type Step = (model: Model) => Promise<void>

/** A step of the random test, with words for it. */
class Command implements fc.AsyncCommand<Model, object> {
  constructor(
    readonly words: string,
    readonly step: Step,
  ) {}
  check = () => true
  run = (model: Model) => this.step(model)
  toString = () => this.words
}

const one = (model: Model, who: number) => model.people[who % model.people.length] as Somebody

const uploadStep =
  (who: number, picture: number, on: number): Step =>
  async (model) => {
    const somebody = one(model, who)
    const file = pictures[picture] as Buffer
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
    const ticket = granted(await (hosts[on] as Host).startUpload(somebody.owner, request))
    const send = async (bytes: Uint8Array) =>
      (await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, bytes) })).status
    expect(await send(file)).toBe(204)
    const upload = { seed: picture, at: model.now }
    somebody.person.drafts[ticket.imageId] = { ...freshDraft(), upload }
    somebody.resend[ticket.imageId] = { send, at: model.now }
    model.log.push(`${who} uploads ${picture} as ${ticket.imageId}`)
  }

/** An upload and its first crop. */
const draftStep =
  (who: number, picture: number, on: number, x: number): Step =>
  async (model) => {
    await uploadStep(who, picture, on)(model)
    await cropStep(who, Object.keys(one(model, who).person.drafts).length - 1, x, null)(model)
  }

const resendStep =
  (who: number, picture: number): Step =>
  async (model) => {
    const somebody = one(model, who)
    const [imageId, sent] = Object.entries(somebody.resend).at(-1) ?? []
    if (!imageId || sent?.at !== model.now) return
    const draft = somebody.person.drafts[imageId]
    // Whether the next crop would be of this one or of the one before nobody could tell.
    if (draft?.isErasing) return
    expect(await sent.send(pictures[picture] as Buffer)).toBe(204)
    if (draft) draft.upload = { seed: picture, at: model.now }
    model.log.push(`${who} sends ${picture} with the policy of ${imageId} again`)
  }

/** A crop, perhaps killed, and then tried again on another host. */
const cropStep =
  (who: number, pick: number, x: number, dies: number | null): Step =>
  async (model) => {
    const somebody = one(model, who)
    const ids = Object.keys(somebody.person.drafts)
    const imageId = ids[pick % ids.length]
    if (!imageId) return
    const operation = (cropId: string): Operation => ({ kind: 'crop', imageId, x, cropId })
    if (dies !== null) {
      doomed.restart()
      doomed.killAfterWrites(dies)
      await perform(doomed, somebody, operation(''), 0)
    }
    const answer = await perform(hosts[pick % 2] as Host, somebody, operation(''), 0)
    if (answer === 'killed') throw new Error('no')
    const crop = answer.value as { cropId: string; variants: { url: string }[] } | undefined
    model.log.push(`${who} crops ${imageId} at ${x}${dies === null ? '' : `, killed after ${dies}`}: ${answer.code}`)
    const outcomes = outcomesOf(somebody.person, operation(crop?.cropId ?? ''), model.now)
    const right = outcomes.filter(({ code }) => code === answer.code).map(({ person }) => person)
    expect(
      outcomes.map(({ code }) => code),
      model.log.join('\n'),
    ).toContain(answer.code)
    await settle(model, somebody, right, `crop ${imageId}`)
    if (!crop) return
    // The same crop of the same picture comes to the same bytes, and no other does.
    const name = `${somebody.person.drafts[imageId]?.copy?.seed} ${x}`
    const hashes = await Promise.all(crop.variants.map(({ url }) => hashAt(url)))
    expect(hashes, model.log.join('\n')).toEqual(model.drawn.get(name) ?? hashes)
    for (const [other, [first]] of model.drawn) if (other !== name) expect(first).not.toBe(hashes[0])
    model.drawn.set(name, hashes)
    model.crops.set(`${imageId} ${crop.cropId}`, hashes)
  }

/** Where a host dies: after so many writes, hearing of the last one or not. */
interface Death {
  after: number
  hears: boolean
}

/** An operation on one host, which may die at it. */
const operateStep =
  (wish: Wish, on: number, death: Death | null): Step =>
  async (model) => {
    const somebody = one(model, wish.who)
    const operation = pickOperation(somebody, wish)
    if (!operation) return
    doomed.restart()
    if (death?.hears) doomed.killAfterWrites(death.after)
    else if (death) doomed.killBeforeAnswer(death.after + 1)
    const answer = await perform(death ? doomed : (hosts[on] as Host), somebody, operation, wish.tab)
    const what = `${wish.who} ${told(operation)}${death ? ` on a host that dies ${inspect(death)}` : ''}`
    model.log.push(`${what}: ${answer === 'killed' ? answer : answer.code}`)
    if (answer === 'killed') {
      await settle(model, somebody, remainsOf(somebody.person, operation, model.now), what)
      return
    }
    const outcomes = outcomesOf(somebody.person, operation, model.now)
    expect(
      outcomes.map(({ code }) => code),
      model.log.join('\n'),
    ).toContain(answer.code)
    const right = outcomes.filter(({ code }) => code === answer.code).map(({ person }) => person)
    const noted = right.map((person) => noteAnswer(somebody, person, operation, answer, model.now))
    await settle(model, somebody, noted, what)
    if (operation.kind !== 'save' || answer.code !== 'ok') return
    const saved = answer.value as { current: boolean }
    expect(saved.current, model.log.join('\n')).toBe(somebody.person.current === operation.imageId)
  }

/**
 * A save that another operation ran into: whether the head was still the one that its page showed nobody can know before,
 * and its answer tells.
 */
function asAnswered(operation: Operation, answer: Answer): Operation {
  if (operation.kind !== 'save' || answer === 'killed' || answer.code !== 'ok') return operation
  return { ...operation, isHeadSeen: (answer.value as { current: boolean }).current }
}

/** Two operations of one person, from two tabs: the second one begins and ends while the first is held up. */
const meanwhileStep =
  (wishes: [Wish, Wish], request: number): Step =>
  async (model) => {
    const somebody = one(model, wishes[0].who)
    const [first, second] = wishes.map((wish) => pickOperation(somebody, wish))
    if (!first || !second) return
    doomed.restart()
    let asked = 0
    let innerAnswer: Answer | undefined
    const runInner = async () => {
      innerAnswer = await perform(hosts[0], somebody, second, wishes[1].tab)
    }
    doomed.hooks.before = async () => {
      asked += 1
      if (asked === request) await runInner()
    }
    const outerAnswer = await perform(doomed, somebody, first, wishes[0].tab)
    if (!innerAnswer) await runInner()
    const answers = [outerAnswer, innerAnswer as Answer]
    const outer = asAnswered(first, outerAnswer)
    const inner = asAnswered(second, innerAnswer as Answer)
    const what = `${wishes[0].who} ${told(outer)} and before its request ${request} ${told(inner)}`
    model.log.push(`${what}: ${answers.map((answer) => (answer === 'killed' ? answer : answer.code)).join(', ')}`)

    // Both ran at once: what there is, is as if one had come after the other. What is current is what either would have
    // left so. A deletion may find a save at work.
    const begun = [
      somebody.person,
      ...[outer, inner].flatMap((operation) =>
        operation.kind === 'save' ? [touched(somebody.person, operation.imageId)] : [],
      ),
    ]
    const ends = [
      [outer, inner],
      [inner, outer],
    ].flatMap((order) =>
      order.reduce<Person[]>((people, operation) => {
        const answer = answers[operation === outer ? 0 : 1] as Exclude<Answer, 'killed'>
        return people.flatMap((person) =>
          outcomesOf(person, operation, model.now)
            .filter(({ code }) => code === answer.code)
            .map((outcome) => noteAnswer(somebody, outcome.person, operation, answer, model.now)),
        )
      }, begun),
    )
    const currents = new Set([somebody.person.current, ...ends.map(({ current }) => current)])
    for (const operation of [outer, inner]) if (operation.kind === 'save') currents.add(operation.imageId)
    const candidates = ends.flatMap((person) =>
      [...currents]
        .filter((current) => current === null || current in person.pictures)
        .map((current) => ({ ...person, current })),
    )
    expect(candidates.length, `none is right for the answers\n${model.log.join('\n')}`).toBeGreaterThan(0)
    await settle(model, somebody, candidates, what)
  }

/** Somebody else's picture is none, whatever one wants of it. */
const strangerStep =
  (wish: Wish): Step =>
  async (model) => {
    const operation = pickOperation(one(model, wish.who), wish)
    if (!operation || operation.imageId === null) return
    const stranger = one(model, wish.who + 1)
    expect(await perform(hosts[0], stranger, operation, 0)).toEqual({ code: 'not_found' })
    await settle(model, stranger, [stranger.person], `stranger ${told(operation)}`)
  }

const openTabStep =
  (who: number, tab: number): Step =>
  async (model) => {
    const somebody = one(model, who)
    somebody.tabs[tab] = somebody.head
  }

/** Somebody opens their gallery: what was killed long ago is cleared behind it. */
async function visit(model: Model, somebody: Somebody): Promise<void> {
  await hosts[1].sweep(somebody.owner)
  await settle(model, somebody, [somebody.person], 'a visit to the gallery')
}

const passStep =
  (hours: number): Step =>
  async (model) => {
    await world.advance(hours * hourMs)
    model.now += hours
    model.log.push(`${hours} hours pass`)
    for (const somebody of model.people) await settle(model, somebody, [somebody.person], 'time')
  }

/** In the end all pictures are whole and of the right bytes, and two days later nothing else is there. */
async function finish(model: Model): Promise<void> {
  await passStep(49.3)(model)
  for (const somebody of model.people) {
    const { uid } = somebody.owner
    await visit(model, somebody)
    const originals: string[] = []
    for (const image of granted(await hosts[0].gallery(somebody.owner, { limit: 100 })).images) {
      const { imageId, cropId, variants } = image
      const at = `${imageId}\n${model.log.join('\n')}`
      const hashes = await Promise.all(variants.map(({ url }) => hashAt(url)))
      expect(hashes, at).toEqual(model.crops.get(`${imageId} ${cropId}`))
      const seed = somebody.person.pictures[imageId]?.seed ?? null
      if (seed === null) continue
      originals.push(`users/${uid}/v1/images/${imageId}/${cropId}/original`)
      expect((await bytesAt(originalOf(image))).equals(pictures[seed] as Buffer), at).toBe(true)
    }
    const kept = await Promise.all([world.keys(`users/${uid}/`), world.keys(`media/${uid}/`)])
    expect(
      kept
        .flat()
        .filter((key) => key.endsWith('/original'))
        .toSorted(),
      model.log.join('\n'),
    ).toEqual(originals.toSorted())
    const seen = Object.keys(somebody.person.pictures)
    const leftovers = kept
      .flat()
      .filter(
        (key) => key.includes('!') || !(seen.some((id) => key.includes(id)) || /\/trail\/a\/[0-9a-v]{20}\./.test(key)),
      )
    expect(leftovers, model.log.join('\n')).toEqual([])
  }
}

const who = fc.nat(1)
const on = fc.nat(1)
const wish = fc.record({ who, tab: fc.nat(1), kind: fc.nat(9), pick: fc.nat(5) })
const death = fc.record({ after: fc.nat(9), hears: fc.boolean() })
const at = fc.constantFrom(0, 20)

const command = <T extends unknown[]>(
  name: string,
  given: { [at in keyof T]: fc.Arbitrary<T[at]> },
  step: (...given: T) => Step,
) =>
  fc
    .tuple<T>(...given)
    .map(
      (values) => new Command(`${name} ${inspect(values, { breakLength: Number.POSITIVE_INFINITY })}`, step(...values)),
    )

const often = <T>(times: number, one: T): T[] => Array<T>(times).fill(one)

const commands = fc.commands(
  [
    ...often(2, command('draft', [who, fc.nat(2), on, at], draftStep)),
    command('upload', [who, fc.nat(2), on], uploadStep),
    ...often(2, command('crop', [who, fc.nat(5), at, fc.option(fc.nat(6), { freq: 2 })], cropStep)),
    ...often(4, command('operate', [wish, on, fc.constant(null)], operateStep)),
    ...often(4, command('operate and die', [wish, on, death], operateStep)),
    ...often(5, command('meanwhile', [fc.tuple(wish, wish), fc.integer({ min: 1, max: 20 })], meanwhileStep)),
    command('stranger', [wish], strangerStep),
    ...often(2, command('open tab', [who, fc.nat(1)], openTabStep)),
    command('send again', [who, fc.nat(2)], resendStep),
    command('time', [fc.constantFrom(1.1, 1.1, 10.3, 25.9, 49.3)], passStep),
    command('visit', [who], (who) => (model) => visit(model, one(model, who))),
  ],
  { maxCommands: 50, size: 'max' },
)

const somebody = (): Somebody => ({ owner: createOwner(), person: noOne(), head: null, tabs: [null, null], resend: {} })

test(`rules 1 to 9: nothing is lost, wrong or stuck, whatever happens (FLOWS_SEED=${seed})`, {
  timeout: shrinks ? 3_600_000 : 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const model: Model = { people: [somebody(), somebody()], now: 0, drawn: new Map(), crops: new Map(), log: [] }
      for (const who of [0, 1]) await draftStep(who, who, 0, 0)(model)
      await fc.asyncModelRun(() => ({ model, real: {} }), steps)
      await finish(model)
    }),
    { seed, numRuns: runs, endOnFailure: !shrinks },
  )
})
