import { describe, expect, test } from 'vitest'
import { createHostileFiles } from '@/lib/images/engine/test-support/hostile-files'
import { insertPngChunks, pngChunk, pngClaimingSize } from '@/lib/images/engine/test-support/png'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { createOwner, createPicture, cropOf, granted, idsOf, upload } from '@/lib/images/test-support/world'

/** Only small files; the unit tests of the engine use all of them. */
const files = (await createHostileFiles()).filter(({ bytes }) => bytes.length > 0 && bytes.length < 1_000_000)

/** Crops the first pixel, which every picture has. */
const pixelOf = (uploadId: string) => cropOf(uploadId, 0, 1)

describe('S14-S17: a hostile file uploaded as a JPEG', () => {
  test.each(files.map((file) => [file.name, file.ends, file.bytes] as const))('%s: %s', async (_name, ends, bytes) => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, bytes)
    for (const one of [host, other]) {
      const crop = await one.cropUpload(owner, pixelOf(uploadId))
      expect(crop.ok ? 'fine' : crop.code).toBe(ends)
    }
    const crops = await world.keys(`drafts/${owner.uid}/${uploadId}/crops/`)
    expect(crops.length > 0).toBe(ends === 'fine')
  })

  test('leaves the hosts able to crop a good picture', async () => {
    const owner = createOwner()
    const crop = granted(await host.cropUpload(owner, cropOf(await upload(host, owner, await createPicture(1)))))
    granted(await other.saveImage(owner, idsOf(crop)))
  })
})

describe('S20: checks the bounds of an area', () => {
  // Decoding this file fails because its pixels are missing.
  const withoutPixels = (width: number, note: string) =>
    insertPngChunks(pngClaimingSize(width, width), pngChunk('tEXt', `note\0${note}`))

  test('before decoding', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, withoutPixels(6_000, 'bounds'))
    for (const rotate of [0, 90, 33]) {
      const outside = { ...cropOf(uploadId, 8_000, 1_000), rotate }
      const rejected = await host.cropUpload(owner, outside)
      expect(rejected).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    }
    const inside = await host.cropUpload(owner, cropOf(uploadId, 5_000, 1_000))
    expect(inside).toEqual({ ok: false, code: 'unreadable_image' })
  })

  test('after the limits of the header', async () => {
    const owner = createOwner()
    const uploadId = await upload(host, owner, withoutPixels(60_000, 'header'))
    const outside = await host.cropUpload(owner, cropOf(uploadId, 60_000, 1_000))
    expect(outside).toEqual({ ok: false, code: 'too_many_pixels' })
  })
})
