import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Collection } from '@/lib/images/collections'
import { fitArea } from '@/lib/images/geometry'
import type { CropRequest, SavedImage, ShownVariant } from '@/lib/images/schema'
import type { Owner } from '@/lib/images/storage/image-ref'
import {
  createOwner,
  createPicture,
  granted,
  type Host,
  idsOf,
  imageIdOfSave,
  remove,
  startWorld,
  toForm,
  type World,
} from '@/lib/images/test-support/world'

// Every flow must work for every collection. A wrong bucket or prefix would mix the images of two collections.

/** A third collection, for this test only. A new collection needs nothing more than this object. */
const teamLogos: Collection = {
  name: 'team-logos',
  code: 'l',
  aspect: 4 / 3,
  mask: 'rect',
  maxUploadBytes: 100_000,
  types: ['image/jpeg'],
  variants: [
    { name: '400x300', width: 400, height: 300 },
    { name: '200x150', width: 200, height: 150 },
    { name: '100x75', width: 100, height: 75 },
  ],
}

const picture = { width: 640, height: 480 }
/** The bucket for covers; the other collections share the default bucket. */
const ownBucket = `covers-${randomUUID()}`

let world: World
const hosts: Record<string, Host> = {}

beforeAll(async () => {
  world = await startWorld()
  await world.s3.send(new CreateBucketCommand({ Bucket: ownBucket }))
  const variables = { S3_BUCKET_COVERS: ownBucket }
  for (const collection of ['avatars', 'covers', teamLogos]) {
    const host = await world.startHost({ collection, variables })
    hosts[host.avatars.name] = host
  }
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.end()
})

const hostOf = (collection: string) => hosts[collection] as Host

async function upload(collection: string, owner: Owner): Promise<string> {
  const file = await createPicture(1, picture.width, picture.height)
  const request = { collection, contentType: 'image/jpeg', size: file.length }
  const ticket = granted(await hostOf(collection).startUpload(owner, request))
  const response = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, file) })
  if (!response.ok) throw new Error(await response.text())
  return ticket.uploadId
}

/** Creates a request for the largest centred crop with the collection's aspect ratio. */
function cropOf(collection: string, uploadId: string): CropRequest {
  const view = { centreX: picture.width / 2, centreY: picture.height / 2, width: picture.width }
  const area = fitArea(view, hostOf(collection).avatars.aspect, picture)
  return { uploadId, area, rotate: 0, flip: { horizontal: false, vertical: false } }
}

async function save(collection: string, owner: Owner): Promise<SavedImage> {
  const host = hostOf(collection)
  const crop = granted(await host.cropUpload(owner, cropOf(collection, await upload(collection, owner))))
  return granted(await host.saveImage(owner, idsOf(crop)))
}

/** Downloads variants and returns the name, format and size of each. */
function describeServed(variants: readonly ShownVariant[]) {
  const descriptions = variants.map(async ({ name, url }) => {
    const { format, width, height } = await sharp(await (await fetch(url)).arrayBuffer()).metadata()
    return `${name}: ${format} ${width}×${height}`
  })
  return Promise.all(descriptions)
}

async function keysIn(bucket: string, owner: Owner): Promise<string[]> {
  const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key }) => Key ?? '').filter((key) => key.includes(owner.uid))
}

describe.each([
  ['avatars', 'a', ['512: webp 512×512', '256: webp 256×256', '128: webp 128×128', '64: webp 64×64']],
  ['covers', 'c', ['1500x500: webp 1500×500', '750x250: webp 750×250']],
  ['team-logos', 'l', ['400x300: webp 400×300', '200x150: webp 200×150', '100x75: webp 100×75']],
])('%s', (collection, code, sizes) => {
  test('supports upload, crop, save, gallery, current, crop again and delete', async () => {
    const host = hostOf(collection)
    const owner = createOwner()
    const uploadId = await upload(collection, owner)
    expect(uploadId[0]).toBe(code)
    expect(granted(await host.openUpload(owner, uploadId, null)).collection).toBe(collection)

    const crop = granted(await host.cropUpload(owner, cropOf(collection, uploadId)))
    expect(await describeServed(crop.variants)).toEqual(sizes)
    const saved = granted(await host.saveImage(owner, idsOf(crop)))
    const imageId = imageIdOfSave(owner, crop)
    expect(imageId[0]).toBe(code)
    expect(saved).toMatchObject({ imageId, uploadId, collection, current: true })
    expect(await describeServed(saved.variants)).toEqual(sizes)

    expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId, collection, current: true }])
    expect((await host.current(owner)).image?.variants.map(({ name }) => name)).toEqual(
      host.avatars.variants.map(({ name }) => name),
    )
    granted(await host.setCurrent(owner, null))
    expect((await host.current(owner)).image).toBeNull()
    granted(await host.setCurrent(owner, imageId))

    const again = granted(await host.recropImage(owner, imageId))
    expect(again.uploadId[0]).toBe(code)
    expect(again.recipe.area).toEqual(cropOf(collection, uploadId).area)

    await remove(host, owner, imageId)
    await host.visitGallery(owner)
    expect(granted(await host.gallery(owner)).images).toEqual([])
    expect((await host.current(owner)).image).toBeNull()
  })

  test('rejects a crop with another aspect ratio', async () => {
    const host = hostOf(collection)
    const owner = createOwner()
    const uploadId = await upload(collection, owner)
    for (const aspect of [1, 4 / 3, 3].filter((other) => other !== host.avatars.aspect)) {
      const area = { x: 0, y: 0, width: 240, height: 240 / aspect }
      const answer = await host.cropUpload(owner, { ...cropOf(collection, uploadId), area })
      expect(answer).toMatchObject({ code: 'invalid_request', fields: [{ path: 'area' }] })
    }
  })

  test('stores objects only in its own bucket', async () => {
    const owner = createOwner()
    await save(collection, owner)
    const inDefault = await keysIn(world.bucketName, owner)
    const inOwn = await keysIn(ownBucket, owner)
    const [here, elsewhere] = collection === 'covers' ? [inOwn, inDefault] : [inDefault, inOwn]
    expect(elsewhere).toEqual([])
    for (const prefix of ['incoming/', 'drafts/', 'users/', 'media/'])
      expect(here.some((key) => key.startsWith(prefix))).toBe(true)
  })
})

test('applies the size limit of each collection', async () => {
  const request = { contentType: 'image/jpeg', size: 100_001 }
  const start = (collection: string) => hostOf(collection).startUpload(createOwner(), { ...request, collection })
  expect(await start('team-logos')).toMatchObject({ code: 'too_large' })
  expect(granted(await start('covers')).maxBytes).toBeGreaterThan(100_001)
})

test('keeps trails and galleries of collections independent, in one bucket or two', async () => {
  const owner = createOwner()
  const saved: Record<string, SavedImage> = {}
  for (const collection of Object.keys(hosts)) saved[collection] = await save(collection, owner)
  const expectUntouched = async (collections: string[]) => {
    for (const collection of collections) {
      const imageId = saved[collection]?.imageId
      expect(granted(await hostOf(collection).gallery(owner)).images, collection).toMatchObject([
        { imageId, current: true },
      ])
      expect((await hostOf(collection).current(owner)).image?.imageId, collection).toBe(imageId)
    }
  }
  await expectUntouched(['avatars', 'covers', 'team-logos'])
  // The same person's image of another collection is not found.
  const cover = saved.covers?.imageId as string
  expect(await hostOf('avatars').setCurrent(owner, cover)).toMatchObject({ code: 'not_found' })
  granted(await hostOf('avatars').setCurrent(owner, null))
  await expectUntouched(['covers', 'team-logos'])
  await remove(hostOf('team-logos'), owner, saved['team-logos']?.imageId as string)
  await expectUntouched(['covers'])
  await remove(hostOf('covers'), owner, cover)
  expect(granted(await hostOf('avatars').gallery(owner)).images).toHaveLength(1)
})

test('S21, rule 10: counts all collections of a person in all buckets for the quota', async () => {
  const owner = createOwner()
  await save('avatars', owner)
  await upload('covers', owner)
  const strict = await world.startHost({ variables: { S3_BUCKET_COVERS: ownBucket, USER_QUOTA: '2' } })
  for (const collection of ['avatars', 'covers']) {
    const request = { collection, contentType: 'image/jpeg', size: 1000 }
    expect(await strict.startUpload(owner, request)).toEqual({ ok: false, code: 'quota' })
    expect((await strict.startUpload(createOwner(), request)).ok).toBe(true)
  }
  // A save counts the images of all collections, but no deleted ones.
  const { imageId } = await save('covers', owner)
  const crop = granted(await hostOf('avatars').cropUpload(owner, cropOf('avatars', await upload('avatars', owner))))
  expect(await strict.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'quota' })
  granted(await hostOf('covers').deleteImage(owner, imageId))
  granted(await strict.saveImage(owner, idsOf(crop)))
})

test('rule 5: a bulk deletion across collections erases objects in every bucket', async () => {
  const owner = createOwner()
  const saved: SavedImage[] = []
  for (const collection of ['avatars', 'covers', 'avatars']) saved.push(await save(collection, owner))
  const kept = await save('covers', owner)
  const avatarHost = hostOf('avatars')
  const { deleted, failed, toErase } = await avatarHost.deleteImages(
    owner,
    saved.map(({ imageId }) => imageId),
  )
  expect(deleted).toEqual(saved.map(({ imageId }) => imageId))
  expect(failed).toEqual([])
  await avatarHost.finishDeletions(toErase)
  const left = [...(await keysIn(world.bucketName, owner)), ...(await keysIn(ownBucket, owner))]
  for (const imageId of deleted) {
    expect(left.filter((key) => key.includes(imageId) && !key.includes('/trail/'))).toEqual([])
  }
  expect(left.filter((key) => key.includes(kept.imageId) && !key.includes('/trail/'))).toHaveLength(4)
})
