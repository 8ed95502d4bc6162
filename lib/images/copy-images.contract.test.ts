import { expect, test } from 'vitest'
import type { CopyAnswer, ExportedImage } from './schema'
import { host, other, world } from './test-support/shared-world'
import { Killed } from './test-support/watched-client'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  eraseAll,
  granted,
  type Host,
  hourMs,
  remove,
  save,
  upload,
} from './test-support/world'

type Owner = ReturnType<typeof createOwner>
type Copying = Pick<Host, 'copyImages'>

/** Creates a guest with three images: a described one, the current one, and one without original. */
async function createGuest(): Promise<Owner> {
  const guest = createOwner()
  const described = await save(host, guest, 1)
  granted(await host.describeImage(guest, described.imageId, 'A cat'))
  const current = await save(host, guest, 2)
  await remove(host, guest, (await save(host, guest, 3)).imageId)
  const uploadId = await upload(host, guest, await createPicture(4))
  const { cropId } = granted(await host.cropUpload(guest, { ...cropOf(uploadId, 3), rotate: 90 }))
  granted(await host.saveImage(guest, { uploadId, cropId, keepOriginal: false }))
  granted(await host.setCurrent(guest, current.imageId))
  return guest
}

/** Copies everything, step by step. @returns the answers of all steps */
async function copyAll(on: Copying, guest: Owner, person: Owner) {
  const steps: CopyAnswer[] = []
  for (let cursor: string | null = null; ; ) {
    const step: CopyAnswer = granted(await on.copyImages(guest, person, cursor))
    steps.push(step)
    cursor = step.nextCursor
    if (cursor === null) return steps
  }
}

/** Returns what a person has saved, without what differs between owners. */
async function savedBy(owner: Owner) {
  const { images } = granted(await other.exportImages(owner))
  return Promise.all(
    images.map(async ({ cropId, alt, current, recipe, files }: ExportedImage) => ({
      ...{ cropId, alt, current, recipe },
      names: files.map(({ name }) => name.split('/').at(-1)),
      bytes: await Promise.all(files.map(({ url }) => bytesAt(url))),
    })),
  )
}

/** Lists what is saved for a person. */
const keysOf = async ({ uid }: Owner) => [
  ...(await world.keys(`media/${uid}/`)),
  ...(await world.keys(`users/${uid}/v1/originals/`)),
  ...(await world.keys(`users/${uid}/v1/entries/`)),
]

test('U103: copies files, recipes, descriptions, their order and the current image', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  expect(await copyAll(host, guest, person)).toEqual([{ copied: 3, missing: 0, total: 3, nextCursor: null }])
  const copied = await savedBy(person)
  expect(copied.map(({ names, alt, current }) => [names[0], alt, current])).toEqual([
    ['512.webp', '', false],
    ['original.jpg', '', true],
    ['original.jpg', 'A cat', false],
  ])
  expect(copied).toEqual(await savedBy(guest))
  // The copies do not need the guest.
  await eraseAll(host, guest)
  expect(await savedBy(person)).toEqual(copied)
})

test('a repetition changes nothing, also on another day', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  await copyAll(host, guest, person)
  const { length } = other.written()
  await copyAll(other, guest, person)
  await world.advance(50 * hourMs)
  expect(await copyAll(other, guest, person)).toMatchObject([{ copied: 3 }])
  expect(other.written()).toHaveLength(length)
  expect(await savedBy(person)).toEqual(await savedBy(guest))
})

test('keeps the current image that the person has chosen, or removed', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  const own = await save(host, person, 5)
  await copyAll(host, guest, person)
  expect((await other.current(person)).image?.imageId).toBe(own.imageId)

  const without = createOwner()
  await save(host, without, 5)
  granted(await host.setCurrent(without, null))
  await copyAll(host, guest, without)
  expect((await other.current(without)).image).toBeNull()
})

test('does not copy again what the person deleted on the same day', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  await copyAll(host, guest, person)
  const [first] = granted(await host.gallery(person)).images
  await remove(host, person, first?.imageId ?? '')
  const { length } = host.written()
  expect(await copyAll(host, guest, person)).toMatchObject([{ copied: 3 }])
  expect(host.written()).toHaveLength(length)
})

test('goes on after a host dies at any write, also while a cleanup runs', async () => {
  const guest = await createGuest()
  // So old that a cleanup takes files without an entry for leftovers.
  await world.advance(50 * hourMs)
  const expected = await savedBy(guest)
  for (let writes = 0; ; writes += 1) {
    const person = createOwner()
    host.killAfterWrites(writes)
    const isKilled = await copyAll(host, guest, person).then(
      () => false,
      (error) => {
        if (!(error instanceof Killed)) throw error
        return true
      },
    )
    host.restart()
    const before = await keysOf(person)
    await other.visitGallery(person)
    expect(await keysOf(person)).toEqual(before)
    await copyAll(other, guest, person)
    expect(await savedBy(person)).toEqual(expected)
    // Nothing of the first run is left beside its images.
    const ids = new Set(granted(await other.gallery(person)).images.map(({ imageId }) => imageId))
    expect((await keysOf(person)).filter((key) => ![...ids].some((id) => key.includes(id)))).toEqual([])
    if (!isKilled) return expect(writes).toBeGreaterThan(10)
  }
})

test('two hosts that copy at once write the same images', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  await Promise.all([copyAll(host, guest, person), copyAll(other, guest, person)])
  expect(await savedBy(person)).toEqual(await savedBy(guest))
})

test('copies many images in steps, and both collections', async () => {
  const [guest, person] = [createOwner(), createOwner()]
  for (let seed = 0; seed < 11; seed += 1) await save(host, guest, seed)
  const covers = await world.startHost({ collection: 'covers' })
  const uploadId = await upload(covers, guest, await createPicture(1))
  const area = { x: 0, y: 0, width: 90, height: 30 }
  const { cropId } = granted(await covers.cropUpload(guest, { ...cropOf(uploadId), area }))
  granted(await covers.saveImage(guest, { uploadId, cropId }))
  const steps = await copyAll(host, guest, person)
  expect(steps.map(({ copied, total }) => [copied, total])).toEqual([
    [10, 12],
    [2, 12],
  ])
  expect(await savedBy(person)).toEqual(await savedBy(guest))
  expect(granted(await covers.gallery(person)).images).toHaveLength(1)
})

test('S21: stops at the photo limit, and goes on when there is room', async () => {
  const small = await world.startHost({ variables: { USER_QUOTA: '2' } })
  const [guest, person] = [await createGuest(), createOwner()]
  expect(await small.copyImages(guest, person, null)).toMatchObject({ ok: false, code: 'quota' })
  const { images } = granted(await small.gallery(person))
  expect(images).toHaveLength(2)
  await remove(small, person, images[0]?.imageId ?? '')
  expect(await copyAll(small, guest, person)).toMatchObject([{ copied: 3 }])
  expect(granted(await small.gallery(person)).images).toHaveLength(2)
})

test('reports images whose files are gone, and copies the others', async () => {
  const [guest, person] = [await createGuest(), createOwner()]
  await world.erase((await world.keys(`users/${guest.uid}/v1/originals/`)).slice(0, 1))
  expect(await copyAll(host, guest, person)).toEqual([{ copied: 2, missing: 1, total: 3, nextCursor: null }])
  expect(await savedBy(person)).toHaveLength(2)
})

test('S10: copies nothing from a name that another person has sealed', async () => {
  const [guest, person] = [createOwner(), createOwner()]
  const { imageId } = await save(host, createOwner(), 1)
  await world.place(`users/${guest.uid}/v1/entries/${imageId}.vvvvvvvvvv.${'0'.repeat(32)}.jpg.`)
  expect(await copyAll(host, guest, person)).toEqual([{ copied: 0, missing: 0, total: 0, nextCursor: null }])
})
