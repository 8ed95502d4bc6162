import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import pMap from 'p-map'
import { expect, test } from 'vitest'
import { prefixes } from './storage/prefixes'
import { host, other, world } from './test-support/shared-world'
import { Killed } from './test-support/watched-client'
import { createOwner, deleteAllVersions, draft, eraseAll, granted, remove, save } from './test-support/world'

/** Lists everything of a person. */
const keysOf = async ({ uid }: { uid: string }) =>
  (await Promise.all(prefixes.map((prefix) => world.keys(`${prefix}${uid}/`)))).flat()

/** Creates a person with images, a deleted image, an upload, a draft, an epoch, and an object of a newer build. */
async function createPerson() {
  const owner = createOwner()
  await save(host, owner, 1)
  await save(host, owner, 2)
  await remove(host, owner, (await save(host, owner, 3)).imageId)
  await draft(host, owner, 4)
  await world.place(`users/${owner.uid}/v1/epoch`, 'random')
  await world.place(`users/${owner.uid}/v2/a-name-of-a-newer-build`)
  return owner
}

test('S37: erases everything of a person, in every prefix, and nothing of others', async () => {
  const [owner, stranger] = [await createPerson(), await createPerson()]
  const before = await keysOf(stranger)
  const first = await host.eraseAll(owner)
  expect(first.done).toBe(false)
  // Variants may be public.
  expect(await world.keys(`media/${owner.uid}/`)).toEqual([])
  expect(await world.keys(`users/${owner.uid}/v1/entries/`)).not.toEqual([])
  expect(granted(await other.gallery(owner)).images).toHaveLength(2)
  await eraseAll(other, owner)
  expect(await keysOf(owner)).toEqual([])
  expect(await keysOf(stranger)).toEqual(before)
  expect(await host.eraseAll(owner)).toEqual({ done: true, erased: 0 })
})

test('S37: ends the sessions last', async () => {
  const owner = await createPerson()
  const epoch = `users/${owner.uid}/v1/epoch`
  for (;;) {
    const { done } = await host.eraseAll(owner)
    if (done) break
    expect(await world.keys(epoch)).toEqual([epoch])
  }
  expect(await world.keys(epoch)).toEqual([])
})

test('S37: goes on after a host dies at any write', async () => {
  for (let writes = 0; ; writes += 1) {
    const owner = await createPerson()
    host.killAfterWrites(writes)
    const isKilled = await eraseAll(host, owner).then(
      () => false,
      (error) => {
        if (!(error instanceof Killed)) throw error
        return true
      },
    )
    host.restart()
    // Readers cope with what is left.
    granted(await other.gallery(owner))
    await other.visitGallery(owner)
    await other.current(owner)
    await eraseAll(other, owner)
    expect(await keysOf(owner)).toEqual([])
    if (!isKilled) return expect(writes).toBeGreaterThan(3)
  }
})

test('S37: erases thousands of objects in steps of bounded size', async () => {
  const owner = createOwner()
  const names = Array.from({ length: 2_100 }, (_, index) => `media/${owner.uid}/${String(index).padStart(5, '0')}.webp`)
  await pMap(names, (name) => world.place(name), { concurrency: 32 })
  expect(await host.eraseAll(owner)).toEqual({ done: false, erased: 1000 })
  expect(await eraseAll(other, owner)).toBe(3)
  expect(await keysOf(owner)).toEqual([])
})

test('S37: an empty person costs no deletion', async () => {
  const { length } = host.sent
  expect(await host.eraseAll(createOwner())).toEqual({ done: true, erased: 0 })
  expect(host.sent.slice(length).map(({ command }) => command)).toEqual(Array(5).fill('ListObjectVersions'))
})

test('S37: erases everything at a store that does not list versions', async () => {
  const owner = await createPerson()
  const refuse = { name: 'NotImplemented', message: '', $fault: 'server', $metadata: { httpStatusCode: 501 } } as const
  host.hooks.before = async ({ command }) => {
    if (command === 'ListObjectVersions') throw new S3ServiceException(refuse)
  }
  await eraseAll(host, owner)
  host.restart()
  expect(await keysOf(owner)).toEqual([])
})

// The bundled store has no versions.
test.runIf(process.env.TEST_STORE === 'ceph')('S37: erases all versions of a versioned bucket', async () => {
  const Bucket = `${world.bucketName}-versioned`
  await world.s3.send(new CreateBucketCommand({ Bucket }))
  await world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const versioned = await world.startHost({ variables: { S3_BUCKET: Bucket } })
  const [owner, stranger] = [createOwner(), createOwner()]
  for (const person of [owner, stranger]) {
    await save(versioned, person, 1)
    await remove(versioned, person, (await save(versioned, person, 2)).imageId)
  }
  const versionsOf = async ({ uid }: { uid: string }) => {
    const listings = prefixes.map((prefix) => new ListObjectVersionsCommand({ Bucket, Prefix: `${prefix}${uid}/` }))
    const answers = await Promise.all(listings.map((listing) => world.s3.send(listing)))
    return answers.flatMap(({ Versions = [], DeleteMarkers = [] }) => [...Versions, ...DeleteMarkers])
  }
  // More than a listing shows, and listed before the originals.
  const epoch = { Bucket, Key: `users/${owner.uid}/v1/epoch` }
  await pMap(Array(1_005).keys(), (at) => world.s3.send(new PutObjectCommand({ ...epoch, Body: `${at}` })), {
    concurrency: 16,
  })
  const before = await versionsOf(stranger)
  expect(before.some((version) => !('Size' in version))).toBe(true)
  await eraseAll(versioned, owner)
  expect(await versionsOf(owner)).toEqual([])
  expect(await versionsOf(stranger)).toEqual(before)
  await deleteAllVersions(world.s3, Bucket)
  await world.s3.send(new DeleteBucketCommand({ Bucket }))
})
