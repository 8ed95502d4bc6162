import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createOwner,
  createPicture,
  draft,
  granted,
  type Host,
  save,
  startWorld,
  toForm,
  type World,
} from './world.test-support'

// Contract, rules of the flows, 1: time is the store's. Two hosts, their clocks ten minutes off to either side.

const tenMinutes = 10 * 60 * 1000
let world: World
let slow: Host
let fast: Host

beforeAll(async () => {
  world = await startWorld()
  slow = await world.startHost({ skewMs: -tenMinutes })
  fast = await world.startHost({ skewMs: tenMinutes })
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.end()
})

function expectWithin(value: number, least: number, most: number) {
  expect(value).toBeGreaterThanOrEqual(least)
  expect(value).toBeLessThanOrEqual(most)
}

test('rule 1: pictures stand in the order in which they were uploaded and acknowledged, whoever served them', async () => {
  const owner = createOwner()
  const saved: string[] = []
  for (const [seed, host] of [fast, slow, fast, slow].entries()) {
    const { imageId, current } = await save(host, owner, seed)
    expect(current).toBe(true)
    saved.unshift(imageId)
    for (const reader of [slow, fast]) {
      const { images } = granted(await reader.gallery(owner))
      expect(images.map((image) => image.imageId)).toEqual(saved)
      expect(images.map((image) => image.current)).toEqual(saved.map((_, at) => at === 0))
    }
    // Dates of the store have whole seconds, so a clock knows it within one.
    await world.advance(2000)
  }
})

test('rules 1 and 4: a save that began after another was acknowledged comes after it, within the same second too', async () => {
  const owner = createOwner()
  const drafts = [await draft(fast, owner, 1), await draft(slow, owner, 2), await draft(slow, owner, 3)]
  for (const [at, { imageId, cropId }] of drafts.toReversed().entries()) {
    const { seen } = await slow.current(owner)
    expect(granted(await (at % 2 ? slow : fast).saveImage(owner, { imageId, cropId, seen })).current).toBe(true)
    expect((await fast.current(owner)).picture?.imageId).toBe(imageId)
  }
  for (const { imageId } of drafts) {
    granted(await slow.setCurrent(owner, imageId))
    expect((await fast.current(owner)).picture?.imageId).toBe(imageId)
    granted(await fast.setCurrent(owner, null))
    expect((await slow.current(owner)).picture).toBeNull()
  }
})

test('rule 1: the first policy of a fresh host is good for five minutes of store time already', async () => {
  const owner = createOwner()
  const file = await createPicture(1)
  for (const skewMs of [-tenMinutes, tenMinutes]) {
    const fresh = await world.startHost({ skewMs })
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
    const before = world.signingNow()
    const ticket = granted(await fresh.startUpload(owner, request))
    const policy = JSON.parse(Buffer.from(ticket.fields?.Policy ?? '', 'base64').toString())
    // Dates of the store have whole seconds, so a clock knows it within one.
    expectWithin(Date.parse(ticket.expiresAt), before + 298_000, world.signingNow() + 301_000)
    expectWithin(Date.parse(policy.expiration), before + 298_000, world.signingNow() + 301_000)
    const answer = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, file) })
    expect(answer.status).toBe(204)
  }
})

test('what is signed by either is good now, and the same within its window', async () => {
  const owner = createOwner()
  await save(fast, owner)
  const urls = await Promise.all(
    [slow, fast].map(async (host) => granted(await host.gallery(owner)).images[0]?.variants[0]?.url),
  )
  for (const url of urls) expect((await fetch(url ?? '')).status).toBe(200)
})

test('rule 1: a draft is savable for 47 hours of store time, whatever the host thinks', async () => {
  for (const host of [slow, fast]) {
    const owner = createOwner()
    const [good, late] = [await draft(host, owner, 1), await draft(host, owner, 2)]
    await world.advance(47 * 60 * 60 * 1000 - 60_000)
    expect((await host.saveImage(owner, { imageId: good.imageId, cropId: good.cropId })).ok).toBe(true)
    await world.advance(120_000)
    expect(await host.saveImage(owner, { imageId: late.imageId, cropId: late.cropId })).toMatchObject({
      code: 'draft_gone',
    })
  }
})

describe('a host whose clock is off', () => {
  test('by an hour, more than the store allows, is put right by the first answer', async () => {
    for (const skewMs of [-3_600_000, 3_600_000]) {
      const owner = createOwner()
      const lost = await world.startHost({ skewMs })
      expect(granted(await lost.gallery(owner)).images).toEqual([])
      expect((await save(lost, owner)).current).toBe(true)
    }
  })

  test('asks the store no more often than one whose clock is right', async () => {
    const owner = createOwner()
    const right = await world.startHost()
    const counts: number[] = []
    for (const host of [right, slow, fast]) {
      await host.gallery(owner)
      const [asked, sent] = [host.sent.length, host.wire.requests]
      await save(host, owner)
      expect(host.wire.requests - sent).toBe(host.sent.length - asked)
      counts.push(host.sent.length - asked)
    }
    expect(new Set(counts).size).toBe(1)
  })
})
