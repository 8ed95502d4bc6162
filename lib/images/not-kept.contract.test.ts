import { PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import type { Owner } from './owner'
import { host, other, world } from './shared-world.test-support'
import { Killed } from './watched-client.test-support'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  originalOf,
  upload,
} from './world.test-support'

// The person may choose not to keep the original: then nothing of it stands anywhere once the picture is saved.

const everything = async ({ uid }: Owner) =>
  (await Promise.all(['incoming', 'drafts', 'users', 'media'].map((room) => world.keys(`${room}/${uid}/`)))).flat()

/** Where anything of an original stands: the upload, the working copy, the kept one. */
const originalsOf = async (owner: Owner) =>
  (await everything(owner)).filter((key) => key.startsWith('incoming/') || key.includes('/original'))

const marksOf = async (owner: Owner) => (await everything(owner)).filter((key) => key.includes('!'))

const notKept = <T extends { imageId: string; cropId: string }>({ imageId, cropId }: T) => ({
  imageId,
  cropId,
  seen: null,
  keepOriginal: false,
})

const kept = <T extends { imageId: string; cropId: string }>(crop: T) => ({ ...notKept(crop), keepOriginal: true })

/** A copy that was on its way when its source was erased. */
const endCopyLate = ({ uid }: Owner, { imageId, cropId }: { imageId: string; cropId: string }) => {
  const Key = `users/${uid}/v1/images/${imageId}/${cropId}/original`
  return world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key, Body: 'late' }))
}

/** Mark, vote, four copies, recipe, trail, entry, what is erased, and the mark taken back. */
const writesOfSave = 11

async function die(request: ReturnType<typeof kept>, owner: Owner, writes: number): Promise<void> {
  const doomed = await world.startHost()
  doomed.killAfterWrites(writes)
  await expect(doomed.saveImage(owner, request)).rejects.toThrow(Killed)
}

/** All pictures of the person, on both hosts, with whether the original is handed out. */
async function look(owner: Owner): Promise<[string, string, boolean][]> {
  const pages = await Promise.all([host, other].map(async (one) => granted(await one.gallery(owner)).images))
  const told = pages.map((images) =>
    images.map(({ imageId, cropId, original }): [string, string, boolean] => [imageId, cropId, original !== null]),
  )
  expect(told[0]).toEqual(told[1])
  return told[0] ?? []
}

describe('a save that does not keep the original', () => {
  test('leaves nothing of it anywhere, and a picture that is whole', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const drawn = await Promise.all(crop.variants.map(({ url }) => bytesAt(url)))
    expect(await originalsOf(owner)).toHaveLength(2)
    const saved = granted(await host.saveImage(owner, notKept(crop)))
    expect(saved).toMatchObject({ original: null, current: true })
    expect(await originalsOf(owner)).toEqual([])
    expect(await marksOf(owner)).toEqual([])
    expect(await Promise.all(saved.variants.map(({ url }) => bytesAt(url)))).toEqual(drawn)
    expect(await look(owner)).toEqual([[crop.imageId, crop.cropId, false]])
  })

  test('never copies it to where it would be kept, and erases it when the entry stands, under the mark', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const before = host.written().length
    granted(await host.saveImage(owner, notKept(crop)))
    const writes = host.written().slice(before)
    expect(writes).toHaveLength(writesOfSave)
    expect(writes.filter(({ keys }) => keys[0]?.startsWith('users/') && keys[0].endsWith('/original'))).toEqual([])
    const [entry, erased, mark] = writes.slice(-3)
    expect(entry?.keys[0]).toMatch(/\/entries\/\w+\.v{10}\.\w{32}\.jpg-o\.\.$/)
    expect(erased?.keys).toEqual([
      `incoming/${owner.uid}/${crop.imageId}`,
      `drafts/${owner.uid}/${crop.imageId}/original/${crop.source.etag}`,
    ])
    expect(mark).toMatchObject({ command: 'DeleteObject', keys: [expect.stringMatching(/!save\.\w+\.\w+\.o$/)] })
  })

  test('repeated, late, on another host and with the other choice, gives the same answer and writes nothing', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const first = granted(await host.saveImage(owner, notKept(crop)))
    const before = [host.written().length, other.written().length]
    for (const again of [host, other]) {
      for (const request of [notKept(crop), kept(crop)]) {
        expect(granted(await again.saveImage(owner, request))).toEqual(first)
      }
    }
    await world.advance(49 * hourMs)
    expect(granted(await other.saveImage(owner, kept(crop)))).toMatchObject({ savedAt: first.savedAt, original: null })
    expect([host.written().length, other.written().length]).toEqual(before)
  })

  test('after one of the same crop that keeps it changes nothing', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner, 3)
    granted(await host.saveImage(owner, kept(crop)))
    const before = await everything(owner)
    const saved = granted(await other.saveImage(owner, notKept(crop)))
    expect((await bytesAt(originalOf(saved))).equals(await createPicture(3))).toBe(true)
    expect(await everything(owner)).toEqual(before)
  })

  test('can be described, made current, and deleted, and stays so', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    granted(await host.saveImage(owner, notKept(crop)))
    await world.advance(2000)
    granted(await host.describeImage(owner, crop.imageId, 'me'))
    granted(await other.setCurrent(owner, null))
    granted(await other.setCurrent(owner, crop.imageId))
    expect(granted(await other.gallery(owner)).images).toEqual([
      expect.objectContaining({ alt: 'me', current: true, original: null }),
    ])
    expect(granted(await other.saveImage(owner, notKept(crop)))).toMatchObject({ alt: 'me', original: null })
    granted(await host.deleteImage(owner, crop.imageId))
    expect(await look(owner)).toEqual([])
    expect((await everything(owner)).filter((key) => /^(users|media)\//.test(key) && !key.includes('/trail/'))).toEqual(
      [],
    )
  })

  test('cannot be cropped again, whether by "crop again" or by its old page', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    granted(await host.saveImage(owner, notKept(crop)))
    const before = await everything(owner)
    expect(await other.recropImage(owner, crop.imageId)).toEqual({ ok: false, code: 'no_original' })
    expect(await other.openUpload(owner, crop.imageId, null)).toEqual({ ok: false, code: 'already_saved' })
    expect(await other.cropUpload(owner, cropOf(crop.imageId, 9))).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await everything(owner)).toEqual(before)
  })

  test('of what was cropped again leaves the older picture its own original', async () => {
    const owner = createOwner()
    const old = granted(await host.saveImage(owner, kept(await draft(host, owner, 2))))
    const { imageId } = granted(await host.recropImage(owner, old.imageId))
    const crop = granted(await other.cropUpload(owner, cropOf(imageId, 8)))
    granted(await other.saveImage(owner, { ...notKept(crop), seen: undefined }))
    expect(await look(owner)).toEqual([
      [imageId, crop.cropId, false],
      [old.imageId, old.cropId, true],
    ])
    expect((await bytesAt(originalOf(old))).equals(await createPicture(2))).toBe(true)
    expect((await originalsOf(owner)).filter((key) => key.includes(imageId))).toEqual([])
  })
})

describe('killed after each of its writes', () => {
  test('a save that does not keep the original is ended by the next try, and nothing of the original stands', async () => {
    for (let writes = 0; writes < writesOfSave; writes += 1) {
      const owner = createOwner()
      const crop = await draft(host, owner)
      await die(notKept(crop), owner, writes)
      expect(granted(await other.saveImage(owner, notKept(crop))), `after ${writes}`).toMatchObject({ original: null })
      expect(await originalsOf(owner), `after ${writes}`).toEqual([])
      expect(await marksOf(owner), `after ${writes}`).toEqual([])
      expect(await look(owner)).toEqual([[crop.imageId, crop.cropId, false]])
    }
  })

  test('and never tried again leaves nothing of the original two days later, nor anything else that is not seen', async () => {
    const owners: [Owner, { imageId: string; cropId: string }][] = []
    for (let writes = 1; writes < writesOfSave; writes += 1) {
      const owner = createOwner()
      const crop = await draft(host, owner)
      owners.push([owner, crop])
      await die(notKept(crop), owner, writes)
    }
    await world.advance(48 * hourMs + 1000)
    for (const [at, [owner, { imageId, cropId }]] of owners.entries()) {
      await other.sweep(owner)
      const seen = await look(owner)
      expect([[], [[imageId, cropId, false]]]).toContainEqual(seen)
      // Committed by its ninth write.
      expect(seen).toHaveLength(at + 1 < 9 ? 0 : 1)
      expect(await originalsOf(owner), `after ${at + 1}`).toEqual([])
      expect(await marksOf(owner)).toEqual([])
      if (seen.length === 0) expect(await everything(owner)).toEqual([])
    }
  })

  test.each([
    ['a save that keeps it, then tried again without', kept, notKept],
    ['a save that does not keep it, then tried again with it', notKept, kept],
  ])('%s: what committed first stands, and the rest is cleared', async (_name, first, second) => {
    for (let writes = 0; writes < writesOfSave; writes += 1) {
      const at = `after ${writes}`
      const owner = createOwner()
      const crop = await draft(host, owner, 6)
      await die(first(crop), owner, writes)
      // The entry is the tenth write of a save that copies the original, and the ninth of one that does not.
      const isCommitted = writes >= (first === kept ? 10 : 9)
      const isKept = (isCommitted ? first : second) === kept
      const saved = granted(await other.saveImage(owner, second(crop)))
      expect(saved.original !== null, at).toBe(isKept)
      const check = async () => {
        expect(await look(owner), at).toEqual([[crop.imageId, crop.cropId, isKept]])
        if (isKept) expect((await bytesAt(originalOf(saved))).equals(await createPicture(6))).toBe(true)
        else expect(await originalsOf(owner), at).toEqual([])
      }
      await check()
      const { variants } = saved
      await world.advance(49 * hourMs)
      await host.sweep(owner)
      expect(await marksOf(owner), at).toEqual([])
      expect(
        (await originalsOf(owner)).filter((key) => key.startsWith('users/')),
        at,
      ).toHaveLength(isKept ? 1 : 0)
      const again = granted(await host.gallery(owner)).images
      expect(again.map(({ current, original }) => [current, original !== null])).toEqual([[true, isKept]])
      for (const { name } of variants) {
        expect(await everything(owner)).toContain(`media/${owner.uid}/${crop.imageId}/${crop.cropId}/${name}.webp`)
      }
    }
  })
})

describe('two saves of one crop, one that keeps the original and one that does not', () => {
  test.each([
    ['kept', kept, notKept],
    ['not kept', notKept, kept],
  ])(
    'the second one held up before each of its requests: one stands, and is told by both (%s)',
    async (_name, slow, quick) => {
      const owners: Owner[] = []
      for (let at = 1; at <= 20; at += 1) {
        const owner = createOwner()
        owners.push(owner)
        const crop = await draft(host, owner, 7)
        const watched = await world.startHost()
        let requests = 0
        let told: boolean | undefined
        watched.hooks.before = async () => {
          requests += 1
          if (requests === at) told = granted(await other.saveImage(owner, quick(crop))).original !== null
        }
        const saved = granted(await watched.saveImage(owner, slow(crop)))
        const seen = await look(owner)
        expect(seen, `request ${at}`).toEqual([[crop.imageId, crop.cropId, saved.original !== null]])
        if (told !== undefined) expect(told, `request ${at}`).toBe(saved.original !== null)
        const entries = await world.keys(`users/${owner.uid}/v1/entries/`)
        expect(entries, `request ${at}`).toHaveLength(1)
        if (saved.original) expect((await bytesAt(originalOf(saved))).equals(await createPicture(7))).toBe(true)
        else expect(await originalsOf(owner), `request ${at}`).toEqual([])
        // Of one that gave way, for a third one that is to keep it would have the same mark.
        if (saved.original) expect(await marksOf(owner), `request ${at}`).toEqual([])
      }
      await world.advance(49 * hourMs)
      for (const [index, owner] of owners.entries()) {
        await other.sweep(owner)
        expect(await marksOf(owner), `request ${index + 1}`).toEqual([])
      }
    },
  )

  test('a third one, which keeps it and dies of its copy when the other two have answered: two days later it is gone', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const [slow, doomed] = [await world.startHost(), await world.startHost()]
    slow.hooks.before = async ({ keys }) => {
      if (!keys[0]?.endsWith('/recipe.json')) return
      delete slow.hooks.before
      granted(await other.saveImage(owner, notKept(crop)))
    }
    doomed.hooks.before = async ({ keys }) => {
      if (!keys[0]?.endsWith('/recipe.json')) return
      delete doomed.hooks.before
      expect(granted(await slow.saveImage(owner, kept(crop))).original).toBeNull()
      await endCopyLate(owner, crop)
      doomed.killAfterWrites(0)
    }
    await expect(doomed.saveImage(owner, kept(crop))).rejects.toThrow(Killed)
    await world.advance(49 * hourMs)
    await host.sweep(owner)
    expect(await originalsOf(owner)).toEqual([])
    expect(await marksOf(owner)).toEqual([])
    expect(await look(owner)).toEqual([[crop.imageId, crop.cropId, false]])
  })

  test.each([
    ['keeps it', kept, notKept],
    ['does not', notKept, kept],
  ] as const)(
    'the slower one, which %s, killed before each of its requests: the one that was acknowledged stands, and nothing else two days later',
    async (_name, slow, quick) => {
      const people: { owner: Owner; imageId: string; cropId: string; isKept: boolean }[] = []
      for (let at = 1; at <= 18; at += 1) {
        const owner = createOwner()
        const crop = await draft(host, owner, 8)
        const doomed = await world.startHost()
        let requests = 0
        let isKept: boolean | undefined
        doomed.hooks.before = async () => {
          requests += 1
          if (requests !== at) return
          isKept = granted(await other.saveImage(owner, quick(crop))).original !== null
          // It makes the write that it stands before.
          doomed.killAfterWrites(0)
        }
        await doomed.saveImage(owner, slow(crop)).catch(() => null)
        if (isKept === undefined) continue
        expect(await look(owner), `request ${at}`).toEqual([[crop.imageId, crop.cropId, isKept]])
        people.push({ owner, imageId: crop.imageId, cropId: crop.cropId, isKept })
      }
      expect(people.length).toBeGreaterThan(12)
      await world.advance(49 * hourMs)
      for (const { owner, imageId, cropId, isKept } of people) {
        await other.sweep(owner)
        expect(await look(owner)).toEqual([[imageId, cropId, isKept]])
        expect(await marksOf(owner)).toEqual([])
        expect(await originalsOf(owner)).toHaveLength(isKept ? 1 : 0)
        expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toHaveLength(1)
        expect(await world.keys(`media/${owner.uid}/`)).toHaveLength(4)
      }
    },
  )
})

test.each([
  ['gives way', false],
  ['is swept, for it was killed', true],
])('a copy that the store ends after the original was erased goes when its save %s', async (_name, dies) => {
  const owner = createOwner()
  const crop = await draft(host, owner)
  const slow = await world.startHost()
  slow.hooks.before = async ({ keys }) => {
    if (!keys[0]?.endsWith('/recipe.json')) return
    delete slow.hooks.before
    expect(granted(await other.saveImage(owner, notKept(crop))).original).toBeNull()
    await endCopyLate(owner, crop)
    if (dies) slow.killAfterWrites(0)
  }
  const answer = await slow.saveImage(owner, kept(crop)).catch((error: unknown) => error)
  if (dies) {
    expect(answer).toBeInstanceOf(Killed)
    await world.advance(48 * hourMs + 1000)
    await host.sweep(owner)
  } else expect(answer).toMatchObject({ ok: true, value: { original: null } })
  expect(await originalsOf(owner)).toEqual([])
  // That of one that gave way waits for the sweep.
  expect(await marksOf(owner)).toHaveLength(dies ? 0 : 1)
  if (!dies) {
    await world.advance(49 * hourMs)
    await host.sweep(owner)
  }
  expect(await marksOf(owner)).toEqual([])
  expect(await look(owner)).toEqual([[crop.imageId, crop.cropId, false]])
})

test.each([/!save/, /recipe/, /trail\/a\/\w/, /entries/])(
  'a save of another crop that is overtaken before it writes %s leaves nothing of an original that is not kept',
  async (at) => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const one = granted(await host.cropUpload(owner, cropOf(imageId, 0)))
    const two = granted(await host.cropUpload(owner, cropOf(imageId, 20)))
    const slow = await world.startHost()
    let isOvertaken = false
    slow.hooks.before = async ({ command, keys }) => {
      if (isOvertaken || command !== 'PutObject' || !at.test(keys[0] ?? '')) return
      isOvertaken = true
      expect(granted(await other.saveImage(owner, notKept(one))).original).toBeNull()
      await endCopyLate(owner, two)
    }
    expect(await slow.saveImage(owner, kept(two))).toEqual({ ok: false, code: 'already_saved' })
    expect(isOvertaken).toBe(true)
    expect(await originalsOf(owner)).toEqual([])
    expect(await look(owner)).toEqual([[imageId, one.cropId, false]])
  },
)
