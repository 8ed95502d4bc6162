import { describe, expect, test } from 'vitest'
import { host, other, world } from './shared-world.test-support'
import { Killed, type SentRequest } from './watched-client.test-support'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  originalOf,
  upload,
} from './world.test-support'

// Two crops of one image, saved at the same moment, one of them by several tries: one save stands, whoever is slow.

/** Two crops of one upload, ready to be saved. */
async function twoCrops(owner: { uid: string }) {
  const imageId = await upload(host, owner, await createPicture(1))
  const one = granted(await host.cropUpload(owner, cropOf(imageId, 0)))
  const two = granted(await host.cropUpload(owner, cropOf(imageId, 20)))
  return { imageId, one: { imageId, cropId: one.cropId }, two: { imageId, cropId: two.cropId } }
}

const isEntry = ({ command, keys }: SentRequest) => command === 'PutObject' && keys[0]?.includes('/entries/') === true

/** Holds a host up before its first request of that kind. @returns when it is there, and what lets it go on */
function holdBefore(slow: Host, isIt: (request: SentRequest) => boolean) {
  let goOn = () => {}
  let arrive = () => {}
  const there = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const released = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let isHeld = false
  slow.hooks.before = async (request) => {
    if (isHeld || !isIt(request)) return
    isHeld = true
    arrive()
    await released
  }
  return { there, goOn }
}

describe('of three racing saves of two crops', () => {
  test('the one that was acknowledged stands, though another try of it meets the other crop', async () => {
    const owner = createOwner()
    const { imageId, one, two } = await twoCrops(owner)
    // A try of the first crop, and one of the second, are both about to write their entry …
    const [slowOne, slowTwo] = [await world.startHost(), await world.startHost()]
    const [heldOne, heldTwo] = [holdBefore(slowOne, isEntry), holdBefore(slowTwo, isEntry)]
    const late = slowOne.saveImage(owner, one)
    const rival = slowTwo.saveImage(owner, two)
    await Promise.race([Promise.all([heldOne.there, heldTwo.there]), late, rival])
    // … when another try of the first is acknowledged.
    const acknowledged = await other.saveImage(owner, one)
    heldOne.goOn()
    heldTwo.goOn()
    const answers = [acknowledged, await late, await rival]

    const winners = answers.flatMap((answer) => (answer.ok ? [answer.value.cropId] : []))
    expect(new Set(winners).size).toBe(1)
    for (const answer of answers)
      expect(answer.ok || answer.code === 'already_saved', JSON.stringify(answer)).toBe(true)
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ cropId }) => cropId)).toEqual([winners[0]])
    expect((await host.current(owner)).picture?.cropId).toBe(winners[0])
    for (const image of images) expect((await fetch(originalOf(image))).status).toBe(200)
    expect(await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)).toHaveLength(1)
  })
})

/**
 * Both crops' entries stand, and both their hosts are dead before they know which of them is agreed on: whoever comes
 * back is told by the agreement, and not by the entry that happens to be listed first.
 */
test.each([
  ['the first listed', 'one', 0],
  ['the first listed', 'two', 0],
  ['the last listed', 'one', 1],
  ['the last listed', 'two', 1],
] as const)(
  'of two racing saves that both are killed, that of %s crop being slow, one is acknowledged, whoever comes back first (%s)',
  async (_slow, returns, order) => {
    const owner = createOwner()
    const { imageId, one, two } = await twoCrops(owner)
    const sorted = [one, two].toSorted((a, b) => (a.cropId < b.cropId ? -1 : 1))
    const [slow, quick] = (order === 0 ? sorted : sorted.toReversed()) as [typeof one, typeof one]
    const [slowHost, quickHost] = [await world.startHost(), await world.startHost()]
    const held = holdBefore(slowHost, isEntry)
    const late = slowHost.saveImage(owner, slow)
    await Promise.race([held.there, late])
    quickHost.hooks.before = async (request) => {
      if (isEntry(request)) quickHost.killAfterWrites(0)
    }
    await expect(quickHost.saveImage(owner, quick)).rejects.toThrow(Killed)
    slowHost.killAfterWrites(0)
    held.goOn()
    await expect(late).rejects.toThrow(Killed)
    expect(await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)).toHaveLength(2)

    const inTurn = returns === 'one' ? [slow, quick] : [quick, slow]
    const told: { cropId: string; ok: boolean }[] = []
    for (const save of [...inTurn, ...inTurn]) {
      const answer = await other.saveImage(owner, save)
      expect(answer.ok || answer.code === 'already_saved', JSON.stringify(answer)).toBe(true)
      told.push({ cropId: save.cropId, ok: answer.ok })
    }
    const [winner, ...rest] = new Set(told.flatMap(({ cropId, ok }) => (ok ? [cropId] : [])))
    expect(winner, JSON.stringify(told)).toBeDefined()
    expect(rest).toEqual([])
    // Whoever was told once was told for good.
    expect(told.map(({ cropId, ok }) => ok === (cropId === winner))).toEqual([true, true, true, true])
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ cropId, current }) => [cropId, current])).toEqual([[winner, true]])
    await world.advance(48 * hourMs + 1000)
    await host.sweep(owner)
    const [entry, ...others] = await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)
    expect(entry).toContain(winner)
    expect(others).toEqual([])
    expect(await world.keys(`users/${owner.uid}/v1/trail/a/!`)).toEqual([])
  },
)

/**
 * Somebody sees a picture in the gallery whose saves still race, and makes it current: which of the two it is, is settled
 * by that, and the other one is told so.
 */
test.each(['the first listed', 'the last listed'])(
  'a picture that is chosen while two of its saves race, %s of them being there already, is one picture',
  async (which) => {
    const owner = createOwner()
    const { imageId, one, two } = await twoCrops(owner)
    const sorted = [one, two].toSorted((a, b) => (a.cropId < b.cropId ? -1 : 1))
    const [early, late] = (which === 'the first listed' ? sorted : sorted.toReversed()) as [typeof one, typeof one]
    const before = granted(await host.saveImage(owner, await draft(host, owner, 9)))
    // Their pages are from before that, so that neither becomes current by itself.
    const isSecondVote = ({ keys }: SentRequest) => keys[0]?.includes('/votes/1.for') === true
    const [earlyHost, lateHost] = [await world.startHost(), await world.startHost()]
    const atEntry = holdBefore(earlyHost, isEntry)
    const earlySave = earlyHost.saveImage(owner, { ...early, seen: null })
    await Promise.race([atEntry.there, earlySave])
    const atVote = holdBefore(lateHost, isSecondVote)
    const lateSave = lateHost.saveImage(owner, { ...late, seen: null })
    await Promise.race([atVote.there, lateSave])
    // The early one's entry stands now, and it has seen the complaint of the late one; then its host is dead.
    earlyHost.killAfterWrites(0)
    atEntry.goOn()
    await expect(earlySave).rejects.toThrow(Killed)

    expect((await host.current(owner)).picture?.imageId).toBe(before.imageId)
    granted(await other.setCurrent(owner, imageId))
    atVote.goOn()
    const told = [
      { cropId: late.cropId, answer: await lateSave },
      { cropId: early.cropId, answer: await other.saveImage(owner, { ...early, seen: null }) },
      { cropId: late.cropId, answer: await other.saveImage(owner, { ...late, seen: null }) },
    ]
    const winners = new Set(told.flatMap(({ cropId, answer }) => (answer.ok ? [cropId] : [])))
    expect(winners.size, JSON.stringify(told)).toBe(1)
    const [winner] = winners
    for (const { cropId, answer } of told) {
      expect(answer.ok || answer.code, JSON.stringify(told)).toBe(cropId === winner || 'already_saved')
    }
    expect((await host.current(owner)).picture).toMatchObject({ imageId, cropId: winner })
    const { images } = granted(await host.gallery(owner))
    expect(images.find((image) => image.imageId === imageId)?.cropId).toBe(winner)
  },
)
