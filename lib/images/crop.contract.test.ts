import { describe, expect, test } from 'vitest'
import type { UploadTicket } from './schema'
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
  toForm,
  upload,
} from './world.test-support'

/** An upload whose policy can be replayed. */
async function uploadByHand(owner: { uid: string }, file: Uint8Array, contentType = 'image/jpeg') {
  const ticket: UploadTicket = granted(
    await host.startUpload(owner, { collection: 'avatars', contentType, size: file.length }),
  )
  const send = async (bytes: Uint8Array) => {
    const answer = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, bytes) })
    expect(answer.status).toBe(204)
  }
  await send(file)
  return { imageId: ticket.imageId, send }
}

describe('a crop', () => {
  test('rule 2: writes all variants, and its manifest last; the answer shows what stands in the store', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const before = host.sent.length
    const crop = granted(await host.cropUpload(owner, cropOf(imageId)))
    expect(crop.source).toMatchObject({ width: 90, height: 70 })
    expect(crop.variants.map(({ name, width, height }) => [name, width, height])).toEqual(
      [512, 256, 128, 64].map((side) => [String(side), side, side]),
    )
    const writes = host.sent.slice(before).filter(({ command }) => /Put|Copy|Delete/.test(command))
    const below = `drafts/${owner.uid}/${imageId}`
    expect(writes[0]).toEqual({ command: 'CopyObject', keys: [`${below}/original/${crop.source.etag}`] })
    expect(writes.at(-1)).toEqual({ command: 'PutObject', keys: [`${below}/crops/${crop.cropId}/manifest.json`] })
    expect(writes).toHaveLength(6)
    for (const { url, bytes } of crop.variants) {
      const answer = await fetch(url)
      expect(answer.headers.get('content-type')).toBe('image/webp')
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect((await answer.arrayBuffer()).byteLength).toBe(bytes)
    }
  })

  test('rule 2: begins its manifest when all variants stand', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const watched = await world.startHost()
    const standing: string[] = []
    let beforeManifest: string[] = []
    watched.hooks.before = async ({ keys }) => {
      if (keys[0]?.endsWith('manifest.json')) beforeManifest = [...standing]
    }
    watched.hooks.after = async ({ command, keys }) => {
      if (command === 'PutObject') standing.push(...keys)
    }
    granted(await watched.cropUpload(owner, cropOf(imageId)))
    expect(beforeManifest.filter((key) => key.endsWith('.webp'))).toHaveLength(4)
  })

  test('done again, on another host as well, gives the same answer and writes nothing', async () => {
    const owner = createOwner()
    const first = await draft(host, owner)
    const before = [host.written().length, other.written().length]
    for (const again of [host, other]) {
      expect(granted(await again.cropUpload(owner, cropOf(first.imageId)))).toEqual(first)
    }
    expect([host.written().length, other.written().length]).toEqual(before)
  })

  test('by many at once is one draft', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(2))
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => (at % 2 ? host : other).cropUpload(owner, cropOf(imageId))),
    )
    const crops = answers.map(granted)
    for (const crop of crops) expect(crop).toEqual(crops[0])
    expect((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.endsWith('manifest.json'))).toHaveLength(1)
  })

  test('of another area, turn or flip is another crop', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const request = cropOf(imageId)
    const ids: string[] = []
    for (const change of [
      {},
      { area: { ...request.area, x: 1 } },
      { rotate: 90 },
      { flip: { horizontal: true, vertical: false } },
      { flip: { horizontal: false, vertical: true } },
    ]) {
      ids.push(granted(await host.cropUpload(owner, { ...request, ...change })).cropId)
    }
    expect(new Set(ids).size).toBe(5)
  })

  test('whose draft is too old to be saved is made anew, so that saving works', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    await world.advance(47.5 * hourMs)
    expect(await host.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'draft_gone' })
    expect((await host.cropUpload(owner, cropOf(imageId))).ok).toBe(true)
    expect(await host.saveImage(owner, { imageId, cropId })).toMatchObject({ ok: true })
  })
})

describe('S12, rule 2: a policy that is replayed', () => {
  test('after the crop changes nothing: what is saved is what was cropped', async () => {
    const owner = createOwner()
    const [good, bad] = [await createPicture(1), await createPicture(9)]
    const { imageId, send } = await uploadByHand(owner, good)
    const { cropId, variants } = granted(await host.cropUpload(owner, cropOf(imageId)))
    const shown = await bytesAt(variants[0]?.url ?? '')
    await send(bad)
    expect(granted(await other.cropUpload(owner, cropOf(imageId))).cropId).toBe(cropId)
    const saved = granted(await other.saveImage(owner, { imageId, cropId }))
    expect((await bytesAt(originalOf(saved))).equals(good)).toBe(true)
    expect((await bytesAt(saved.variants[0]?.url ?? '')).equals(shown)).toBe(true)
  })

  test('before the crop is told: the etag is not the one that was shown', async () => {
    const owner = createOwner()
    const { imageId, send } = await uploadByHand(owner, await createPicture(1))
    const { etag } = granted(await host.openUpload(owner, imageId, null)).source
    await send(await createPicture(9))
    expect(await host.cropUpload(owner, { ...cropOf(imageId), etag })).toEqual({ ok: false, code: 'changed' })
    expect(await world.keys(`drafts/${owner.uid}/${imageId}/`)).toEqual([])
  })

  test.each([
    ['knows', false],
    ['does not know', true],
  ])(
    'rules 2 and 9: between the look and the copy is told, on a store that %s conditions',
    async (_name, withoutConditions) => {
      const owner = createOwner()
      const { imageId, send } = await uploadByHand(owner, await createPicture(1))
      const watched = await world.startHost({ withoutConditions })
      const bad = await createPicture(9)
      watched.hooks.before = async ({ command }) => {
        if (command === 'CopyObject') await send(bad)
      }
      expect(await watched.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'changed' })
      expect(await world.keys(`drafts/${owner.uid}/${imageId}/`)).toEqual([])
      // Whoever looks again goes on with what is there now.
      expect((await watched.cropUpload(owner, cropOf(imageId))).ok).toBe(true)
    },
  )

  test('after the copy leaves an etag of the copy only', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    const request = { ...cropOf(imageId), etag: '0'.repeat(32) }
    expect(await host.cropUpload(owner, request)).toEqual({ ok: false, code: 'changed' })
  })
})

describe('a crop is refused', () => {
  test('before the upload has arrived, and after it has expired', async () => {
    const owner = createOwner()
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: 10 }
    const { imageId } = granted(await host.startUpload(owner, request))
    expect(await host.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await host.openUpload(owner, imageId, null)).toEqual({ ok: false, code: 'not_uploaded' })
    const { imageId: left } = await uploadByHand(owner, await createPicture(1))
    await world.advance(25 * hourMs)
    expect(await host.cropUpload(owner, cropOf(left))).toEqual({ ok: false, code: 'not_uploaded' })
  })

  test('S10: of a picture of somebody else, before any request', async () => {
    const imageId = await upload(host, createOwner(), await createPicture(1))
    const before = host.sent.length
    const stranger = createOwner()
    const never = `a${'0'.repeat(26)}`
    for (const id of [imageId, never, `z${imageId.slice(1)}`]) {
      expect(await host.cropUpload(stranger, cropOf(id))).toEqual({ ok: false, code: 'not_found' })
      expect(await host.openUpload(stranger, id, null)).toEqual({ ok: false, code: 'not_found' })
    }
    expect(host.sent).toHaveLength(before)
  })

  test('S20: of a wrong aspect, before any request; outside of the picture, naming the field', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const before = host.sent.length
    const oblong = { ...cropOf(imageId), area: { x: 0, y: 0, width: 50, height: 40 } }
    expect(await host.cropUpload(owner, oblong)).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    expect(host.sent).toHaveLength(before)
    const outside = await host.cropUpload(owner, cropOf(imageId, 41))
    expect(outside).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    expect((await host.cropUpload(owner, cropOf(imageId, 40))).ok).toBe(true)
  })

  test.each<[string, string, string]>([
    ['S14: of an SVG that says it is a PNG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'unsupported_type'],
    ['S17: of a JPEG that stops after its first bytes', '\xff\xd8\xff\xe0\0\x10JFIF\0', 'unreadable_image'],
  ])('%s', async (_name, content, code) => {
    const owner = createOwner()
    const { imageId } = await uploadByHand(owner, Buffer.from(content, 'latin1'), 'image/png')
    expect(await host.cropUpload(owner, cropOf(imageId, 0, 1))).toEqual({ ok: false, code })
    expect((await world.keys(`drafts/${owner.uid}/${imageId}/crops/`)).length).toBe(0)
  })

  test('S15: not of a JPEG that says it is a PNG: it is what it is', async () => {
    const owner = createOwner()
    const { imageId } = await uploadByHand(owner, await createPicture(1), 'image/png')
    const { cropId } = granted(await host.cropUpload(owner, cropOf(imageId)))
    const saved = granted(await host.saveImage(owner, { imageId, cropId }))
    expect(decodeURIComponent(originalOf(saved))).toMatch(/attachment; filename="[\w-]+-original\.jpg"/)
  })

  test('S16: of more pixels than the deployment allows', async () => {
    const strict = await world.startHost({ variables: { MAX_PIXELS: '6299' } })
    const owner = createOwner()
    const imageId = await upload(strict, owner, await createPicture(1))
    expect(await strict.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'too_many_pixels' })
  })

  test('of more bytes than the limit is now', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const strict = await world.startHost({ variables: { MAX_UPLOAD_BYTES: '100' } })
    expect(await strict.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'too_large' })
  })

  test('S18: at once with "busy" when the gate and its queue are full', async () => {
    const owner = createOwner()
    const narrow = await world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '1' } })
    const imageId = await upload(narrow, owner, await createPicture(1))
    const answers = await Promise.all([0, 1, 2, 3, 4].map((x) => narrow.cropUpload(owner, cropOf(imageId, x))))
    const busy = answers.filter((answer) => !answer.ok)
    expect(busy.length).toBeGreaterThan(0)
    expect(answers.length - busy.length).toBeGreaterThanOrEqual(2)
    for (const refusal of busy) {
      expect(refusal).toEqual({ ok: false, code: 'busy', retryAfterSeconds: expect.any(Number) })
    }
    expect((await narrow.cropUpload(owner, cropOf(imageId, 9))).ok).toBe(true)
  })
})

describe('an upload that is opened', () => {
  test('fresh shows the upload; cropped, the copy and where the crop was left', async () => {
    const owner = createOwner()
    const file = await createPicture(3)
    const imageId = await upload(host, owner, file)
    const fresh = granted(await host.openUpload(owner, imageId, null))
    expect(fresh).toMatchObject({ collection: 'avatars', recipe: null, drawn: null })
    expect((await bytesAt(fresh.source.url)).equals(file)).toBe(true)

    const crop = granted(await host.cropUpload(owner, { ...cropOf(imageId, 7), etag: fresh.source.etag }))
    for (const cropId of [null, crop.cropId]) {
      const left = granted(await other.openUpload(owner, imageId, cropId))
      expect(left.source.etag).toBe(fresh.source.etag)
      expect(left.source.url).toContain(`/drafts/${owner.uid}/${imageId}/original/`)
      expect(left.recipe).toEqual({
        area: cropOf(imageId, 7).area,
        rotate: 0,
        flip: { horizontal: false, vertical: false },
      })
      expect(left.drawn).toEqual(cropId === null ? null : crop)
    }
    expect(granted(await other.openUpload(owner, imageId, '0'.repeat(32))).drawn).toBeNull()
  })

  test('is left at its newest crop', async () => {
    const owner = createOwner()
    const { imageId } = await draft(host, owner)
    await world.advance(60_000)
    granted(await host.cropUpload(owner, cropOf(imageId, 11)))
    expect(granted(await other.openUpload(owner, imageId, null)).recipe?.area.x).toBe(11)
  })

  test('once saved is no upload any more; once deleted there is none', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    granted(await host.saveImage(owner, { imageId, cropId }))
    expect(await other.openUpload(owner, imageId, null)).toEqual({ ok: false, code: 'already_saved' })
    granted(await host.deleteImage(owner, imageId))
    expect(await other.openUpload(owner, imageId, null)).toEqual({ ok: false, code: 'not_found' })
    expect(await other.cropUpload(owner, cropOf(imageId))).toEqual({ ok: false, code: 'not_found' })
  })
})
