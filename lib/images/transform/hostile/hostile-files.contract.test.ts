import { describe, expect, test } from 'vitest'
import { host, other, world } from '@/lib/images/shared-world.test-support'
import { createOwner, createPicture, cropOf, granted, upload } from '@/lib/images/world.test-support'
import { createHostileFiles } from './hostile-files.test-support'
import { insertPngChunks, pngChunk, pngThatSays } from './png.test-support'

/** Those that do not mean to be large; the engine is tried on all of them. */
const files = (await createHostileFiles()).filter(({ bytes }) => bytes.length > 0 && bytes.length < 1_000_000)

/** The first pixel: every picture has it. */
const pixelOf = (imageId: string) => cropOf(imageId, 0, 1)

describe('S14-S17: a hostile file that says it is a JPEG goes through the steps', () => {
  test.each(files.map((file) => [file.name, file.ends, file.bytes] as const))('%s: %s', async (_name, ends, bytes) => {
    const owner = createOwner()
    const imageId = await upload(host, owner, bytes)
    for (const one of [host, other]) {
      const crop = await one.cropUpload(owner, pixelOf(imageId))
      expect(crop.ok ? 'fine' : crop.code).toBe(ends)
    }
    const crops = await world.keys(`drafts/${owner.uid}/${imageId}/crops/`)
    expect(crops.length > 0).toBe(ends === 'fine')
  })

  test('and the hosts crop a good picture after all of them', async () => {
    const owner = createOwner()
    const { cropId, imageId } = granted(
      await host.cropUpload(owner, cropOf(await upload(host, owner, await createPicture(1)))),
    )
    granted(await other.saveImage(owner, { imageId, cropId }))
  })
})

describe('S20: the bounds of an area are looked at', () => {
  // Its pixels are missing: whoever decodes it finds it unreadable.
  const withoutPixels = (width: number, note: string) =>
    insertPngChunks(pngThatSays(width, width), pngChunk('tEXt', `note\0${note}`))

  test('before anything is decoded', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, withoutPixels(6_000, 'bounds'))
    for (const rotate of [0, 90, 33]) {
      const outside = { ...cropOf(imageId, 8_000, 1_000), rotate }
      const refused = await host.cropUpload(owner, outside)
      expect(refused).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    }
    const inside = await host.cropUpload(owner, cropOf(imageId, 5_000, 1_000))
    expect(inside).toEqual({ ok: false, code: 'unreadable_image' })
  })

  test('after the header has passed', async () => {
    const owner = createOwner()
    const imageId = await upload(host, owner, withoutPixels(60_000, 'header'))
    const outside = await host.cropUpload(owner, cropOf(imageId, 60_000, 1_000))
    expect(outside).toEqual({ ok: false, code: 'too_many_pixels' })
  })
})
