import { describe, expect, test } from 'vitest'
import { host, other, world } from './shared-world.test-support'
import { bytesAt, createOwner, cropOf, draft, granted, originalOf, save } from './world.test-support'

// What can be done with a saved picture: make it current, describe it, crop it again, delete it.

const currentOf = async (owner: { uid: string }) => (await other.current(owner)).picture?.imageId ?? null

describe('setting the current picture', () => {
  test('goes back to an older one, and to none; nothing is overwritten', async () => {
    const owner = createOwner()
    const { imageId: one } = await save(host, owner, 1)
    const { imageId: two } = await save(host, owner, 2)
    const trail = () => world.keys(`users/${owner.uid}/v1/trail/`)
    const steps = [one, null, two, one]
    for (const [at, imageId] of steps.entries()) {
      const before = await trail()
      expect(await (at % 2 ? host : other).setCurrent(owner, imageId)).toEqual({ ok: true, value: null })
      expect(await currentOf(owner)).toBe(imageId)
      expect((await trail()).slice(1)).toEqual(before)
    }
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ imageId, current }) => [imageId, current])).toEqual([
      [two, false],
      [one, true],
    ])
  })

  test('to what it is already writes nothing', async () => {
    const owner = createOwner()
    expect(await host.setCurrent(owner, null)).toEqual({ ok: true, value: null })
    const { imageId } = await save(host, owner)
    const before = host.written().length
    granted(await host.setCurrent(owner, imageId))
    expect(host.written()).toHaveLength(before)
    expect(await world.keys(`users/${owner.uid}/v1/trail/`)).toHaveLength(1)
  })

  test('is refused for what is not saved, or deleted', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    expect(await host.setCurrent(owner, imageId)).toEqual({ ok: false, code: 'not_found' })
    const { imageId: gone } = await save(host, owner)
    granted(await host.deleteImage(owner, gone))
    expect(await host.setCurrent(owner, gone)).toEqual({ ok: false, code: 'not_found' })
    expect(await currentOf(owner)).toBeNull()
  })

  test('while the picture is being deleted steps back', async () => {
    const owner = createOwner()
    const { imageId: kept } = await save(host, owner, 1)
    const { imageId } = await save(host, owner, 2)
    granted(await host.setCurrent(owner, kept))
    const watched = await world.startHost()
    watched.hooks.before = async ({ command }) => {
      if (command === 'PutObject') granted(await other.deleteImage(owner, imageId))
    }
    expect(await watched.setCurrent(owner, imageId)).toEqual({ ok: false, code: 'not_found' })
    expect(await currentOf(owner)).toBe(kept)
  })
})

describe('describing a picture', () => {
  test('gives the text back as it was, and changes neither its place, its time nor its pixels', async () => {
    const owner = createOwner()
    const { imageId: first } = await save(host, owner, 1)
    const { imageId, savedAt, variants } = await save(host, owner, 2)
    await save(host, owner, 3)
    for (const alt of ['A cat. On / the "mat"?', 'قطة 👩‍👩‍👧‍👦', '一'.repeat(200), '']) {
      await world.advance(2000)
      expect(await host.describeImage(owner, imageId, alt)).toEqual({ ok: true, value: null })
      const { images } = granted(await other.gallery(owner))
      expect(images).toHaveLength(3)
      expect(images[1]).toMatchObject({ imageId, alt, savedAt })
      expect(images[1]?.variants[0]?.url.split('?')[0]).toBe(variants[0]?.url.split('?')[0])
      expect(images[2]).toMatchObject({ imageId: first, alt: '' })
    }
    expect(await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)).toHaveLength(1)
  })

  test('as it is described already writes nothing', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    granted(await host.describeImage(owner, imageId, 'text'))
    const before = other.written().length
    granted(await other.describeImage(owner, imageId, 'text'))
    expect(other.written()).toHaveLength(before)
  })

  test('is refused for what is not saved, or deleted', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    expect(await host.describeImage(owner, imageId, 'text')).toEqual({ ok: false, code: 'not_found' })
    const { imageId: gone } = await save(host, owner)
    granted(await host.deleteImage(owner, gone))
    expect(await host.describeImage(owner, gone, 'text')).toEqual({ ok: false, code: 'not_found' })
  })

  test('while it is being deleted leaves no entry', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const watched = await world.startHost()
    watched.hooks.before = async ({ command }) => {
      if (command === 'PutObject') granted(await other.deleteImage(owner, imageId))
    }
    expect(await watched.describeImage(owner, imageId, 'text')).toEqual({ ok: false, code: 'not_found' })
    expect(granted(await host.gallery(owner)).images).toEqual([])
  })

  test('lets a save be repeated', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await save(host, owner)
    granted(await host.describeImage(owner, imageId, 'text'))
    expect(granted(await other.saveImage(owner, { imageId, cropId }))).toMatchObject({ alt: 'text', current: true })
  })
})

test('rule 5: a deletion clears what it deletes, and not what a save made current meanwhile', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner, 1)
  const { seen } = await host.current(owner)
  const next = await draft(host, owner, 2)
  const watched = await world.startHost()
  watched.hooks.before = async ({ keys }) => {
    if (!keys[0]?.endsWith('.none')) return
    const request = { imageId: next.imageId, cropId: next.cropId, seen }
    expect(granted(await other.saveImage(owner, request)).current).toBe(true)
  }
  granted(await watched.deleteImage(owner, imageId))
  expect(await currentOf(owner)).toBe(next.imageId)
})

describe('rule 7: cropping again', () => {
  test('opens the same original where the recipe was left, under a new id, and leaves the old picture as it is', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner, 1)
    const moved = granted(await host.cropUpload(owner, { ...cropOf(imageId, 13), rotate: 90 }))
    expect(moved.cropId).not.toBe(cropId)
    const saved = granted(await host.saveImage(owner, { imageId, cropId: moved.cropId }))
    const before = granted(await host.gallery(owner))

    const fresh = granted(await other.recropImage(owner, imageId))
    expect(fresh.imageId).not.toBe(imageId)
    const recipe = { area: cropOf(imageId, 13).area, rotate: 90, flip: { horizontal: false, vertical: false } }
    expect(fresh.recipe).toEqual(recipe)
    const opened = granted(await host.openUpload(owner, fresh.imageId, null))
    expect(opened.recipe).toEqual(recipe)
    expect((await bytesAt(opened.source.url)).equals(await bytesAt(originalOf(saved)))).toBe(true)
    expect(granted(await host.gallery(owner))).toEqual(before)
  })

  test('makes a picture that lives on its own: the old one may be deleted', async () => {
    const owner = createOwner()
    const old = await save(host, owner, 1)
    const original = await bytesAt(originalOf(old))
    const { imageId } = granted(await other.recropImage(owner, old.imageId))
    const { cropId } = granted(await other.cropUpload(owner, cropOf(imageId, 5)))
    granted(await host.deleteImage(owner, old.imageId))
    const saved = granted(await other.saveImage(owner, { imageId, cropId }))
    expect((await bytesAt(originalOf(saved))).equals(original)).toBe(true)
    expect(granted(await host.gallery(owner)).images.map((image) => image.imageId)).toEqual([imageId])
  })

  test('is refused for what is not saved, or deleted, and when the quota is reached', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    expect(await host.recropImage(owner, imageId)).toEqual({ ok: false, code: 'not_found' })
    const { imageId: saved } = await save(host, owner)
    const strict = await world.startHost({ variables: { USER_QUOTA: '2' } })
    expect(await strict.recropImage(owner, saved)).toEqual({ ok: false, code: 'quota' })
    granted(await host.deleteImage(owner, saved))
    expect(await host.recropImage(owner, saved)).toEqual({ ok: false, code: 'not_found' })
  })
})

describe('deleting', () => {
  test('the current picture leaves none current; another one leaves the current one', async () => {
    const owner = createOwner()
    const { imageId: one } = await save(host, owner, 1)
    const { imageId: two } = await save(host, owner, 2)
    const { imageId: three } = await save(host, owner, 3)
    granted(await host.deleteImage(owner, one))
    expect(await currentOf(owner)).toBe(three)
    granted(await other.deleteImage(owner, three))
    expect(await currentOf(owner)).toBeNull()
    expect(granted(await host.gallery(owner)).images.map(({ imageId, current }) => [imageId, current])).toEqual([
      [two, false],
    ])
  })

  test('erases original, recipe and variants, and no URL of before shows them', async () => {
    const owner = createOwner()
    const saved = await save(host, owner)
    expect(await host.deleteImage(owner, saved.imageId)).toEqual({ ok: true, value: null })
    expect(await world.keys(`media/${owner.uid}/`)).toEqual([])
    expect(await world.keys(`users/${owner.uid}/v1/images/`)).toEqual([])
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toEqual([])
    for (const url of [originalOf(saved), ...saved.variants.map((variant) => variant.url)]) {
      expect((await fetch(url)).status).toBe(404)
    }
  })

  test('twice, and by many at once, is no error', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const answers = await Promise.all([host, other, host, other].map((one) => one.deleteImage(owner, imageId)))
    expect(answers).toEqual(Array(4).fill({ ok: true, value: null }))
    expect(await host.deleteImage(owner, imageId)).toEqual({ ok: true, value: null })
  })

  test('rule 5: writes its tombstone first, and the entry goes before the objects', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const before = host.written().length
    granted(await host.deleteImage(owner, imageId))
    const order = host
      .written()
      .slice(before)
      .map(({ keys }) => keys[0]?.replace(owner.uid, '<uid>') ?? '')
    expect(order[0]).toBe(`drafts/<uid>/${imageId}/tombstone`)
    expect(order[1]).toBe(`users/<uid>/v1/trail/a/!delete.${imageId}`)
    expect(order[2]).toMatch(/^users\/<uid>\/v1\/trail\/a\/[0-9a-v]{20}\.none$/)
    expect(order[3]).toMatch(/^users\/<uid>\/v1\/entries\//)
    expect(order[4]).toMatch(/^users\/<uid>\/v1\/images\//)
    // The mark stays (docs/decisions/007).
    expect(order).toHaveLength(5)
  })

  test('rule 5: lets no late save bring the picture back', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await save(host, owner)
    granted(await host.deleteImage(owner, imageId))
    const before = other.written().length
    expect(await other.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'not_found' })
    // It looked before it began: the picture is not there for a moment either.
    expect(other.written()).toHaveLength(before)
    for (const hours of [30, 17.5, 1, 100]) {
      await world.advance(hours * 60 * 60 * 1000)
      const late = await other.saveImage(owner, { imageId, cropId })
      expect(late).toMatchObject({ ok: false, code: expect.stringMatching(/^(not_found|draft_gone)$/) })
    }
  })
})
