import pMap from 'p-map'
import { expect, test } from 'vitest'
import type { UploadTicket } from '@/lib/images/schema'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { placeEntries } from '@/lib/images/test-support/placed'
import { host, world } from '@/lib/images/test-support/shared-world'
import {
  createOwner,
  createPicture,
  cropOf,
  granted,
  type Host,
  idsOf,
  save,
  toForm,
  upload,
} from '@/lib/images/test-support/world'
import type { Result } from '@/lib/result'

// Rule 10 under parallel requests: a host is exact, and hosts that save at once exceed the quota by the room that each
// of them saw.

const userQuota = 3
const startStrict = () => world.startHost({ variables: { USER_QUOTA: String(userQuota) } })
const startHosts = () => Promise.all([startStrict(), startStrict(), startStrict()])
const entriesOf = async (owner: Owner) => (await world.keys(keys.entries(owner.uid))).length
const countGranted = (answers: Result<unknown>[]) => answers.filter(({ ok }) => ok).length
const refusals = (answers: Result<unknown>[]) => new Set(answers.flatMap((answer) => (answer.ok ? [] : [answer.code])))

/** Issues uploads in advance, then sends and crops each of them. @returns the save requests */
async function cropInAdvance(owner: Owner, count: number) {
  const file = await createPicture(1)
  const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
  const tickets = await Promise.all(Array.from({ length: count }, () => host.startUpload(owner, request)))
  const crop = async ({ url, fields = {}, uploadId }: UploadTicket) => {
    expect((await fetch(url, { method: 'POST', body: toForm(fields, file) })).ok).toBe(true)
    return idsOf(granted(await host.cropUpload(owner, cropOf(uploadId))))
  }
  return pMap(tickets.map(granted), crop, { concurrency: 2 })
}

/** Crops one upload several times. @returns the save requests */
async function cropOften(owner: Owner, count: number) {
  const uploadId = await upload(host, owner, await createPicture(1))
  const offsets = Array.from({ length: count }, (_, x) => x)
  const crop = async (x: number) => idsOf(granted(await host.cropUpload(owner, cropOf(uploadId, x))))
  return pMap(offsets, crop, { concurrency: 2 })
}

/** Sends all requests at once, to the hosts in turn. */
const saveAtOnce = (hosts: Host[], owner: Owner, requests: { uploadId: string; cropId: string }[]) =>
  Promise.all(requests.map((request, at) => (hosts[at % hosts.length] as Host).saveImage(owner, request)))

test('S21: saves 30 uploads issued in advance one after another up to the quota', async () => {
  const owner = createOwner()
  const requests = await cropInAdvance(owner, 30)
  const hosts = await startHosts()
  const answers: Result<unknown>[] = []
  for (const [at, request] of requests.entries()) {
    answers.push(await (hosts[at % 3] as Host).saveImage(owner, request))
  }
  expect(answers.map(({ ok }) => ok)).toEqual(requests.map((_, at) => at < userQuota))
  expect(refusals(answers)).toEqual(new Set(['quota']))
  expect(await entriesOf(owner)).toBe(userQuota)
})

test('S21: saves exactly the quota if one host gets 30 saves at once', async () => {
  const owner = createOwner()
  const requests = await cropInAdvance(owner, 30)
  const strict = await startStrict()
  const answers = await saveAtOnce([strict], owner, requests)
  expect(countGranted(answers)).toBe(userQuota)
  expect(refusals(answers)).toEqual(new Set(['quota']))
  expect(await entriesOf(owner)).toBe(userQuota)
})

test('S21: exceeds the quota by at most the remaining room per further host', async () => {
  const owner = createOwner()
  const requests = await cropInAdvance(owner, 30)
  await placeEntries(host, owner, userQuota - 1)
  const hosts = await startHosts()
  const granted = countGranted(await saveAtOnce(hosts, owner, requests))
  // There was room for one image, and each host saw it.
  expect(granted).toBeGreaterThanOrEqual(1)
  expect(granted).toBeLessThanOrEqual(hosts.length)
  const again = await saveAtOnce(hosts, owner, await cropOften(owner, 9))
  expect(countGranted(again)).toBe(0)
  expect(await entriesOf(owner)).toBe(userQuota - 1 + granted)
})

test('S21: allows exactly the remaining uploads if one host gets 40 recrops at once', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  await world.erase(await world.keys(keys.uploadsOf(owner.uid)))
  const strict = await startStrict()
  const answers = await Promise.all(Array.from({ length: 40 }, () => strict.recropImage(owner, imageId)))
  expect(countGranted(answers)).toBe(userQuota - 1)
  expect(refusals(answers)).toEqual(new Set(['quota']))
  expect(await world.keys(keys.uploadsOf(owner.uid))).toHaveLength(userQuota - 1)
})

test('rule 10: saves exactly 20 of 26 crops of one upload that one host saves at once', async () => {
  const owner = createOwner()
  const requests = await cropOften(owner, 26)
  const answers = await saveAtOnce([host], owner, requests)
  expect(countGranted(answers)).toBe(20)
  expect(refusals(answers)).toEqual(new Set(['quota']))
  expect(await entriesOf(owner)).toBe(20)
})

test('counts a save only while it runs, and the same save once', async () => {
  const owner = createOwner()
  await placeEntries(host, owner, userQuota - 1)
  const [request, next] = (await cropInAdvance(owner, 2)) as [ReturnType<typeof idsOf>, ReturnType<typeof idsOf>]
  const strict = await startStrict()
  expect(await strict.saveImage(owner, { ...request, cropId: '0'.repeat(32) })).toMatchObject({ code: 'draft_gone' })
  const answers = await saveAtOnce(
    [strict],
    owner,
    Array.from({ length: 12 }, () => request),
  )
  expect(countGranted(answers)).toBe(12)
  expect(await strict.saveImage(owner, next)).toMatchObject({ code: 'quota' })
})
