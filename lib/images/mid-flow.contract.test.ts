import { describe, expect, test } from 'vitest'
import type { SavedImage } from './schema'
import { host, other, world } from './shared-world.test-support'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  originalOf,
  save,
  upload,
} from './world.test-support'

// What comes between the steps: time, other tabs, and the sweep. Each ends in a picture or in a refusal with a way on.

describe('rules 2 and 3: a flow that was left lying', () => {
  test('for a day goes on from its copy, though the upload has expired', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    await world.advance(25 * hourMs)
    expect(await world.keys(`incoming/${owner.uid}/`)).toEqual([])
    expect(granted(await other.openUpload(owner, imageId, null)).recipe).toMatchObject({ area: cropOf(imageId).area })
    const { cropId } = granted(await other.cropUpload(owner, cropOf(imageId, 9)))
    expect(granted(await host.saveImage(owner, { imageId, cropId })).current).toBe(true)
  })

  test('for two days is told to upload again, at each step, and a new upload is saved', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    await world.advance(49 * hourMs)
    expect(await host.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'draft_gone' })
    expect(await host.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await host.openUpload(owner, imageId, cropId)).toEqual({ ok: false, code: 'not_uploaded' })
    expect((await save(other, owner)).current).toBe(true)
  })

  test('after "crop again" begins anew from the kept original', async () => {
    const owner = createOwner()
    const { imageId: old } = await save(host, owner)
    const { imageId } = granted(await host.recropImage(owner, old))
    await world.advance(49 * hourMs)
    expect(await other.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'not_uploaded' })
    const { imageId: fresh } = granted(await other.recropImage(owner, old))
    const { cropId } = granted(await host.cropUpload(owner, cropOf(fresh, 4)))
    expect((await host.saveImage(owner, { imageId: fresh, cropId })).ok).toBe(true)
    expect(granted(await other.gallery(owner)).images).toHaveLength(2)
  })

  test('whose copy expires before its last crop is refused, and leaves nothing that is seen', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    await world.advance(40 * hourMs)
    const { cropId } = granted(await host.cropUpload(owner, cropOf(imageId, 8)))
    await world.advance(9 * hourMs)
    expect(await other.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'draft_gone' })
    expect(granted(await host.gallery(owner)).images).toEqual([])
    await world.advance(49 * hourMs)
    await host.sweep(owner)
    expect([...(await world.keys(`users/${owner.uid}/`)), ...(await world.keys(`media/${owner.uid}/`))]).toEqual([])
  })
})

test('rule 3: twenty saves at once, of twenty pictures, are all there, whole, and one of them is current', async () => {
  const owner = createOwner()
  const file = await createPicture(1)
  const drafts: { imageId: string; cropId: string }[] = []
  for (let at = 0; at < 20; at += 1) {
    const imageId = await upload(host, owner, file)
    drafts.push({ imageId, cropId: granted(await host.cropUpload(owner, cropOf(imageId))).cropId })
  }
  const hosts = [host, other, await world.startHost({ withoutConditions: true })]
  const saved = await Promise.all(
    drafts.map(({ imageId, cropId }, at) =>
      (hosts[at % 3] as typeof host).saveImage(owner, { imageId, cropId, seen: null }),
    ),
  )
  expect(saved.map((answer) => granted(answer).imageId)).toEqual(drafts.map(({ imageId }) => imageId))
  const { images } = granted(await other.gallery(owner))
  expect(images.map(({ imageId }) => imageId).toSorted()).toEqual(drafts.map(({ imageId }) => imageId).toSorted())
  expect(images.filter(({ current }) => current)).toHaveLength(1)
  for (const picture of images) {
    expect((await bytesAt(originalOf(picture))).equals(file)).toBe(true)
    for (const { url } of picture.variants) expect((await bytesAt(url)).length).toBeGreaterThan(0)
  }
  expect((await world.keys(`users/${owner.uid}/v1/trail/`)).filter((key) => key.includes('!'))).toEqual([])
})

const urlsOf = (saved: SavedImage) => [...saved.variants.map(({ url }) => url), originalOf(saved)]

describe('rule 6: the sweep', () => {
  test('clears nothing under a save that is running, before whichever of its writes', async () => {
    const owner = createOwner()
    for (let at = 1; at <= 10; at += 1) {
      const { imageId, cropId } = await draft(host, owner, at)
      const slow = await world.startHost()
      let writes = 0
      slow.hooks.before = async ({ command }) => {
        if (command.startsWith('List') || command.startsWith('Head') || command.startsWith('Get')) return
        writes += 1
        if (writes === at) await other.sweep(owner)
      }
      const saved = granted(await slow.saveImage(owner, { imageId, cropId }))
      for (const url of urlsOf(saved)) expect((await fetch(url)).status, `write ${at}`).toBe(200)
    }
    expect(granted(await other.gallery(owner)).images).toHaveLength(10)
  })

  test('clears nothing under a late try of a save that was killed more than two days ago', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const doomed = await world.startHost()
    // All but trail and entry.
    doomed.killAfterWrites(8)
    await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow()
    await world.advance(46 * hourMs)
    const slow = await world.startHost()
    slow.hooks.before = async ({ command, keys }) => {
      if (command !== 'PutObject' || !keys[0]?.includes('/entries/')) return
      await world.advance(3 * hourMs)
      await other.sweep(owner)
    }
    const saved = granted(await slow.saveImage(owner, { imageId, cropId }))
    expect(saved.current).toBe(true)
    for (const url of urlsOf(saved)) expect((await fetch(url)).status).toBe(200)
  })
})
