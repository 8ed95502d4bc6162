import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { exifOf, webpWithExif } from './engine/test-support/exif'
import type { UploadTicket } from './schema'
import type { Owner } from './storage/image-ref'
import { host, other, world } from './test-support/shared-world'
import { Killed } from './test-support/watched-client'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  idsOf,
  originalOf,
  toForm,
  upload,
} from './test-support/world'

/** Uploads a file and returns `send`, which replays the policy. */
async function uploadByHand(owner: Owner, file: Uint8Array, contentType = 'image/jpeg') {
  const ticket: UploadTicket = granted(
    await host.startUpload(owner, { collection: 'avatars', contentType, size: file.length }),
  )
  const send = async (bytes: Uint8Array) => {
    const answer = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, bytes) })
    expect(answer.status).toBe(204)
  }
  await send(file)
  return { uploadId: ticket.uploadId, send }
}

const changed = { ok: false, code: 'changed' }
const draftGone = { ok: false, code: 'draft_gone' }
const notUploaded = { ok: false, code: 'not_uploaded' }

describe('a crop', () => {
  test('rule 2: writes working copy, variants and manifest, and returns them', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(1))
    const before = host.written().length
    const crop = granted(await host.cropUpload(owner, cropOf(uploadId)))
    expect(crop).toMatchObject({ uploadId, source: { width: 90, height: 70 } })
    expect(crop.variants.map(({ name, width, height }) => [name, width, height])).toEqual(
      [512, 256, 128, 64].map((side) => [String(side), side, side]),
    )
    const below = `drafts/${owner.uid}/${uploadId}`
    const writes = host.written().slice(before)
    expect(writes.map(({ command, keys }) => `${command} ${keys.join()}`).toSorted()).toEqual(
      [
        `CopyObject ${below}/original/${crop.source.etag}`,
        ...[512, 256, 128, 64].map((side) => `PutObject ${below}/crops/${crop.cropId}/${side}.webp`),
        `PutObject ${below}/crops/${crop.cropId}/manifest.json`,
      ].toSorted(),
    )
    for (const { url, bytes } of crop.variants) {
      const answer = await fetch(url)
      expect(answer.headers.get('content-type')).toBe('image/webp')
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect((await answer.arrayBuffer()).byteLength).toBe(bytes)
    }
  })

  test('rule 2: exists only if its manifest and all its files exist', async () => {
    const owner = createOwner()
    const { uploadId, cropId, variants } = await draft(host, owner)
    const files = (await world.keys(`drafts/${owner.uid}/${uploadId}/crops/${cropId}/`)).toSorted()
    expect(files).toHaveLength(5)
    for (const file of files) {
      await world.erase([file])
      expect(granted(await other.openUpload(owner, uploadId, cropId)).crop, file).toBeNull()
      const again = granted(await other.cropUpload(owner, cropOf(uploadId)))
      expect(again.variants.map(({ bytes }) => bytes)).toEqual(variants.map(({ bytes }) => bytes))
      expect((await world.keys(`drafts/${owner.uid}/${uploadId}/crops/`)).toSorted()).toEqual(files)
    }
  })

  test('returns the same result and writes nothing when repeated on any host', async () => {
    const owner = createOwner()
    const first = await draft(host, owner)
    const everything = () => world.keys(`drafts/${owner.uid}/`)
    const before = await everything()
    const pixels = await Promise.all(first.variants.map(({ url }) => bytesAt(url)))
    for (const again of [host, other]) {
      expect(granted(await again.cropUpload(owner, cropOf(first.uploadId)))).toEqual(first)
    }
    expect(await everything()).toEqual(before)
    expect(await Promise.all(first.variants.map(({ url }) => bytesAt(url)))).toEqual(pixels)
  })

  test('creates one draft for concurrent requests', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(2))
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, at) => (at % 2 ? host : other).cropUpload(owner, cropOf(uploadId))),
    )
    const crops = answers.map(granted)
    for (const crop of crops) expect(crop).toEqual(crops[0])
    expect((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.endsWith('manifest.json'))).toHaveLength(1)
  })

  test('creates another crop for another area, rotation or flip', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(1))
    const request = cropOf(uploadId)
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

  test('webp-exif-orientation: follows the size at which the browser shows the upload', async () => {
    const owner = createOwner()
    const size = { width: 60, height: 40 }
    const still = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
      .webp()
      .toBuffer()
    const uploadId = await upload(host, owner, webpWithExif(still, size, exifOf({ orientation: 6 })))
    const turned = { width: 40, height: 60 }
    const below = { ...cropOf(uploadId), area: { x: 0, y: 20, width: 40, height: 40 } }
    expect(await host.cropUpload(owner, below)).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    const crop = granted(await host.cropUpload(owner, { ...below, shown: turned }))
    expect(crop.source).toMatchObject(turned)
    expect(granted(await other.cropUpload(owner, { ...below, shown: turned }))).toEqual(crop)
    const right = { ...below, area: { x: 20, y: 0, width: 40, height: 40 } }
    const unturned = granted(await host.cropUpload(owner, { ...right, shown: size }))
    expect(unturned.source).toMatchObject(size)
    // The same area of two pictures.
    const corner = { ...below, area: { x: 0, y: 0, width: 40, height: 40 } }
    const corners = [
      granted(await host.cropUpload(owner, corner)),
      granted(await host.cropUpload(owner, { ...corner, shown: turned })),
      granted(await host.cropUpload(owner, { ...corner, shown: size })),
    ]
    expect(corners.map(({ source }) => source)).toMatchObject([size, turned, size])
    expect(new Set(corners.map(({ cropId }) => cropId)).size).toBe(3)
    expect(await host.cropUpload(owner, { ...right, shown: { width: 50, height: 40 } })).toMatchObject({
      code: 'invalid_request',
      fields: [{ path: 'shown' }],
    })
  })

  test('has the same id for the same bytes and recipe in any upload', async () => {
    const owner = createOwner()
    const [one, two, three] = [
      await draft(host, owner, 1),
      await draft(other, createOwner(), 1),
      await draft(host, owner, 2),
    ]
    expect(one.cropId).toBe(two.cropId)
    expect(one.cropId).not.toBe(three.cropId)
  })
})

describe('rule 1: the deadline to open and crop an upload', () => {
  test('is T + 46 h, even if the upload still exists', async () => {
    const owner = createOwner()
    const file = await createPicture(1)
    const { uploadId, cropId, source } = await draft(host, owner)
    await world.advance(46 * hourMs - 60_000)
    granted(await other.openUpload(owner, uploadId, cropId))
    // The draft of this crop expires two days after the upload.
    const late = granted(await host.cropUpload(owner, cropOf(uploadId, 7)))
    await world.advance(120_000)
    await world.place(`incoming/${owner.uid}/${uploadId}`, file.toString('latin1'))
    expect(await world.keys(`drafts/${owner.uid}/${uploadId}/original/`)).toHaveLength(1)
    for (const on of [host, other]) {
      const before = on.sent.length
      expect(await on.openUpload(owner, uploadId, late.cropId)).toEqual(draftGone)
      expect(await on.cropUpload(owner, cropOf(uploadId, 7))).toEqual(draftGone)
      expect(await on.cropUpload(owner, { ...cropOf(uploadId, 8), etag: source.etag })).toEqual(draftGone)
      expect(on.sent).toHaveLength(before)
    }
    // The crop can still be saved for one more hour.
    granted(await host.saveImage(owner, idsOf(late)))
  })
})

describe('S12, rule 2: a replayed policy', () => {
  test('does not change what is saved after the crop', async () => {
    const owner = createOwner()
    const [good, bad] = [await createPicture(1), await createPicture(9)]
    const { uploadId, send } = await uploadByHand(owner, good)
    const { cropId, variants } = granted(await host.cropUpload(owner, cropOf(uploadId)))
    const shown = await bytesAt(variants[0]?.url ?? '')
    await send(bad)
    expect(granted(await other.cropUpload(owner, cropOf(uploadId))).cropId).toBe(cropId)
    const saved = granted(await other.saveImage(owner, { uploadId, cropId }))
    expect((await bytesAt(originalOf(saved))).equals(good)).toBe(true)
    expect((await bytesAt(saved.variants[0]?.url ?? '')).equals(shown)).toBe(true)
  })

  test('does not affect later crops of a cropped upload', async () => {
    const owner = createOwner()
    const [good, bad] = [await createPicture(1), await createPicture(9)]
    const { uploadId, send } = await uploadByHand(owner, good)
    const { source } = granted(await host.cropUpload(owner, cropOf(uploadId)))
    await send(bad)
    for (const etag of [undefined, source.etag]) {
      const next = granted(await other.cropUpload(owner, { ...cropOf(uploadId, 9), ...(etag && { etag }) }))
      expect(next.source.etag).toBe(source.etag)
      const saved = granted(await other.saveImage(owner, idsOf(next)))
      expect((await bytesAt(originalOf(saved))).equals(good)).toBe(true)
    }
  })

  test.each([
    ['supports', false],
    ['ignores', true],
  ])('makes the next crop answer changed, on a store that %s conditions', async (_name, withoutConditions) => {
    const owner = createOwner()
    const watched = await world.startHost({ withoutConditions })
    const { uploadId, send } = await uploadByHand(owner, await createPicture(1))
    const { etag } = granted(await watched.openUpload(owner, uploadId, null)).source
    await send(await createPicture(9))
    expect(await watched.cropUpload(owner, { ...cropOf(uploadId), etag })).toEqual(changed)
    expect(await world.keys(`drafts/${owner.uid}/${uploadId}/`)).toEqual([])
  })

  test('rules 2 and 11: cannot mix bytes: the upload is read once, by its ETag', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(1))
    const { etag } = granted(await host.openUpload(owner, uploadId, null)).source
    const before = host.sent.length
    granted(await host.cropUpload(owner, { ...cropOf(uploadId), etag }))
    const reads = host.sent.slice(before).filter(({ keys }) => keys[0]?.startsWith('incoming/'))
    expect(reads).toEqual([
      { command: 'GetObject', keys: [`incoming/${owner.uid}/${uploadId}`], conditions: ['IfMatch'] },
    ])
    const copies = host.sent.slice(before).filter(({ command }) => command === 'CopyObject')
    expect(copies).toMatchObject([{ conditions: ['CopySourceIfMatch'] }])
  })

  test.each([
    ['supports', false],
    ['ignores', true],
  ])('makes a running crop answer changed, on a store that %s conditions', async (_name, withoutConditions) => {
    const owner = createOwner()
    const { uploadId, send } = await uploadByHand(owner, await createPicture(1))
    const watched = await world.startHost({ withoutConditions })
    const bad = await createPicture(9)
    watched.hooks.before = async ({ command }) => {
      if (command === 'CopyObject') await send(bad)
    }
    expect(await watched.cropUpload(owner, cropOf(uploadId))).toEqual(changed)
    expect(await world.keys(`drafts/${owner.uid}/${uploadId}/original/`)).toEqual([])
    delete watched.hooks.before
    // The next crop uses the new bytes.
    const crop = granted(await watched.cropUpload(owner, cropOf(uploadId)))
    const saved = granted(await watched.saveImage(owner, idsOf(crop)))
    expect((await bytesAt(originalOf(saved))).equals(bad)).toBe(true)
  })

  test('leaves no mixed crop if the host dies before it erases the wrong copy', async () => {
    const owner = createOwner()
    const { uploadId, send } = await uploadByHand(owner, await createPicture(1))
    const { etag } = granted(await host.openUpload(owner, uploadId, null)).source
    const [bad, wrong] = [await createPicture(9), await draft(host, createOwner(), 9)]
    const doomed = await world.startHost({ withoutConditions: true })
    let written = 0
    const allWritten = new Promise<void>((resolve) => {
      doomed.hooks.after = async ({ command }) => {
        if (command !== 'PutObject') return
        written += 1
        // After all four variants, a manifest that does not wait for the copy has been sent too.
        if (written === 4) resolve()
      }
    })
    doomed.hooks.before = async ({ command }) => {
      if (command === 'CopyObject') await send(bad)
      if (!command.startsWith('Delete')) return
      // The store has copied the new bytes under the old ETag. The host writes all files of the crop and dies before it
      // erases the copy.
      await allWritten
      throw new Killed()
    }
    await expect(doomed.cropUpload(owner, { ...cropOf(uploadId), etag })).rejects.toThrow(Killed)
    const again = await other.cropUpload(owner, { ...cropOf(uploadId), etag })
    if (!again.ok) return expect(again).toEqual(changed)
    const saved = granted(await other.saveImage(owner, idsOf(again.value)))
    // The pixels and the original come from the same file.
    expect((await bytesAt(originalOf(saved))).equals(bad)).toBe(true)
    expect((await bytesAt(saved.variants[0]?.url ?? '')).equals(await bytesAt(wrong.variants[0]?.url ?? ''))).toBe(true)
  })

  test('answers changed for any ETag other than the working copy’s', async () => {
    const owner = createOwner()
    const { uploadId } = await draft(host, owner)
    expect(await host.cropUpload(owner, { ...cropOf(uploadId), etag: '0'.repeat(32) })).toEqual(changed)
  })
})

describe('a crop is refused', () => {
  test('before the upload arrives and after it expires', async () => {
    const owner = createOwner()
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: 10 }
    const { uploadId } = granted(await host.startUpload(owner, request))
    expect(await host.cropUpload(owner, cropOf(uploadId))).toEqual(notUploaded)
    expect(await host.openUpload(owner, uploadId, null)).toEqual(notUploaded)
    const { uploadId: expired } = await uploadByHand(owner, await createPicture(1))
    await world.advance(25 * hourMs)
    expect(await host.cropUpload(owner, cropOf(expired))).toEqual(notUploaded)
  })

  test('S10: for another person’s upload, without a request to the store', async () => {
    const uploadId = await upload(host, createOwner(), await createPicture(1))
    const before = host.sent.length
    const stranger = createOwner()
    for (const id of [uploadId, `a${'0'.repeat(26)}`, `z${uploadId.slice(1)}`]) {
      expect(await host.cropUpload(stranger, cropOf(id))).toEqual({ ok: false, code: 'not_found' })
      expect(await host.openUpload(stranger, id, null)).toEqual({ ok: false, code: 'not_found' })
    }
    expect(host.sent).toHaveLength(before)
  })

  test('S20: for a wrong aspect or an area outside the image, naming the field', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(1))
    const before = host.sent.length
    const oblong = { ...cropOf(uploadId), area: { x: 0, y: 0, width: 50, height: 40 } }
    expect(await host.cropUpload(owner, oblong)).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    expect(host.sent).toHaveLength(before)
    const outside = await host.cropUpload(owner, cropOf(uploadId, 41))
    expect(outside).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    expect((await host.cropUpload(owner, cropOf(uploadId, 40))).ok).toBe(true)
  })

  test.each<[string, string, string]>([
    ['S14: for an SVG with the content type of a PNG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'unsupported_type'],
    ['S17: for a JPEG that ends after its first bytes', '\xff\xd8\xff\xe0\0\x10JFIF\0', 'unreadable_image'],
  ])('%s', async (_name, content, code) => {
    const owner = createOwner()
    const { uploadId } = await uploadByHand(owner, Buffer.from(content, 'latin1'), 'image/png')
    expect(await host.cropUpload(owner, cropOf(uploadId, 0, 1))).toEqual({ ok: false, code })
    expect(await world.keys(`drafts/${owner.uid}/${uploadId}/crops/`)).toEqual([])
  })

  test('S15: but not for a JPEG with the content type of a PNG', async () => {
    const owner = createOwner()
    const { uploadId } = await uploadByHand(owner, await createPicture(1), 'image/png')
    const { cropId } = granted(await host.cropUpload(owner, cropOf(uploadId)))
    const saved = granted(await host.saveImage(owner, { uploadId, cropId }))
    expect(decodeURIComponent(originalOf(saved))).toMatch(/attachment; filename="[\w-]+-original\.jpg"/)
  })

  test('S16: for more pixels than the deployment allows', async () => {
    const strict = await world.startHost({ variables: { MAX_PIXELS: '6299' } })
    const owner = createOwner()
    const uploadId = await upload(strict, owner, await createPicture(1))
    expect(await strict.cropUpload(owner, cropOf(uploadId))).toEqual({ ok: false, code: 'too_many_pixels' })
  })

  test('S18: for a picture that needs more memory than all crops of a host may use', async () => {
    const small = await world.startHost({ variables: { CROP_MEMORY_BYTES: '30000000' } })
    const owner = createOwner()
    const large = { create: { width: 2000, height: 1000, channels: 3, background: 'red' } } as const
    const [fitting, tooLarge] = [
      await sharp(large).jpeg().toBuffer(),
      await sharp(large).avif({ effort: 0 }).toBuffer(),
    ]
    granted(await small.cropUpload(owner, cropOf(await upload(small, owner, fitting))))
    const { uploadId } = await uploadByHand(owner, tooLarge, 'image/avif')
    expect(await small.cropUpload(owner, cropOf(uploadId))).toEqual({ ok: false, code: 'too_many_pixels' })
    expect((await world.keys(`drafts/${owner.uid}/${uploadId}/`)).length).toBe(0)
  })

  test('for an upload or working copy over the current size limit', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, await createPicture(1))
    const strict = await world.startHost({ variables: { MAX_UPLOAD_BYTES: '100' } })
    const tooLarge = { ok: false, code: 'too_large' }
    expect(await strict.cropUpload(owner, cropOf(uploadId))).toEqual(tooLarge)
    granted(await host.cropUpload(owner, cropOf(uploadId)))
    await world.erase([`incoming/${owner.uid}/${uploadId}`])
    expect(await strict.cropUpload(owner, cropOf(uploadId, 9))).toEqual(tooLarge)
  })

  test('S18: with busy, immediately, when the limiter and its queue are full', async () => {
    const narrow = await world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '1' } })
    const picture = await createPicture(1)
    const owners = [0, 1, 2, 3, 4].map(createOwner)
    const uploadIds = await Promise.all(owners.map((owner) => upload(narrow, owner, picture)))
    const crop = (owner: Owner, at: number) => narrow.cropUpload(owner, cropOf(uploadIds[at] as string))
    const answers = await Promise.all(owners.map(crop))
    const busy = answers.filter((answer) => !answer.ok)
    expect(busy.length).toBeGreaterThan(0)
    expect(answers.length - busy.length).toBeGreaterThanOrEqual(2)
    for (const refusal of busy) {
      expect(refusal).toEqual({ ok: false, code: 'busy', retryAfterSeconds: expect.any(Number) })
    }
    const rejected = answers.findIndex((answer) => !answer.ok)
    expect((await crop(owners[rejected] as Owner, rejected)).ok).toBe(true)
  })
})

describe('opening an upload', () => {
  test('returns the upload before the first crop, then the working copy and crop', async () => {
    const owner = createOwner()
    const file = await createPicture(3)
    const uploadId = await upload(host, owner, file)
    const fresh = granted(await host.openUpload(owner, uploadId, null))
    expect(fresh).toMatchObject({ collection: 'avatars', recipe: null, crop: null })
    expect((await bytesAt(fresh.source.url)).equals(file)).toBe(true)

    const crop = granted(await host.cropUpload(owner, { ...cropOf(uploadId, 7), etag: fresh.source.etag }))
    const { area, rotate, flip } = cropOf(uploadId, 7)
    for (const cropId of [null, crop.cropId]) {
      const opened = granted(await other.openUpload(owner, uploadId, cropId))
      expect(opened.source.etag).toBe(fresh.source.etag)
      expect(opened.source.url).toContain(`/drafts/${owner.uid}/${uploadId}/original/`)
      expect((await bytesAt(opened.source.url)).equals(file)).toBe(true)
      expect(opened.recipe).toEqual(cropId === null ? null : { area, rotate, flip })
      expect(opened.crop).toEqual(cropId === null ? null : crop)
    }
    expect(granted(await other.openUpload(owner, uploadId, '0'.repeat(32)))).toMatchObject({
      recipe: null,
      crop: null,
    })
  })

  test('still works after a crop of it is saved or deleted', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    expect(granted(await other.openUpload(owner, crop.uploadId, crop.cropId)).crop).toEqual(crop)
    granted(await host.deleteImage(owner, imageId))
    granted(await other.openUpload(owner, crop.uploadId, null))
    const next = granted(await other.cropUpload(owner, cropOf(crop.uploadId, 9)))
    expect(granted(await other.saveImage(owner, idsOf(next))).current).toBe(true)
  })
})
