import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { host, world } from '@/lib/images/test-support/shared-world'
import { bytesAt, createOwner, granted, hourMs, upload } from '@/lib/images/test-support/world'
import { auditPixels } from './audit-pixels'
import { auditStore } from './audit-store'
import { guestCredentials } from './credentials'
import { judgeGallery } from './judge-gallery'
import { Account, type Image, type Upload } from './ledger'
import { drawPicture, recipeOf } from './pictures'

/** The product saves and deletes on a real store. Each test damages the store, and expects the audit to find it. */

let codes = 0

/** Creates a person with three acknowledged images: the first one is deleted, the third one is current. */
async function createPerson() {
  const owner = createOwner()
  const account = new Account('person', owner.uid, guestCredentials(''), Date.now())
  const [gone, older, newer] = [
    await saveImage(owner, account),
    await saveImage(owner, account),
    await saveImage(owner, account),
  ]
  account.requestDeletion(gone)
  await host.finishDeletions(granted(await host.deleteImage(owner, gone.imageId)))
  account.confirmDeletion(gone, Date.now())
  // The audit runs two days after the last step.
  await world.advance(49 * hourMs)
  await host.visitGallery(owner)
  return { owner, account, gone, older, newer }
}

async function saveImage(owner: Owner, account: Account): Promise<Image> {
  const { from, cropId } = await crop(owner, account)
  const image = account.requestSave(from, { cropId, keepsOriginal: true })
  const saved = granted(await host.saveImage(owner, { uploadId: from.uploadId, cropId }))
  expect(saved.imageId).toBe(image.imageId)
  account.confirmSave(image, saved.current, Date.now())
  return image
}

async function crop(owner: Owner, account: Account): Promise<{ from: Upload; cropId: string }> {
  codes += 1
  const uploadId = await upload(host, owner, await drawPicture('avatars', codes, 'image/jpeg'))
  const from = account.issue(uploadId, 'avatars', codes)
  const frame = { column: codes % 3, row: 1, isFlipped: codes % 2 === 0 }
  const { cropId } = granted(await host.cropUpload(owner, { uploadId, ...recipeOf('avatars', frame), rotate: 0 }))
  from.frames.set(cropId, frame)
  return { from, cropId }
}

/** Audits the store. @returns the findings */
async function auditFindings(owner: Owner, account: Account): Promise<string[]> {
  auditStore(account, await kept(owner))
  await auditPixels([account])
  return account.findings.map(({ kind, what }) => `${kind}: ${what}`)
}

/** Checks the gallery as the hosts show it. @returns the first new finding */
async function galleryFinding(owner: Owner, account: Account): Promise<string | undefined> {
  const before = account.findings.length
  judgeGallery(account, 'avatars', granted(await host.gallery(owner)).images, Number.POSITIVE_INFINITY)
  const [finding] = account.findings.slice(before)
  return finding && `${finding.kind}: ${finding.what}`
}

const kept = async ({ uid }: Owner) => [...(await world.keys(`users/${uid}/`)), ...(await world.keys(`media/${uid}/`))]
const put = (key: string, body: Uint8Array | string = '') =>
  world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key: key, Body: body, ContentLength: body.length }))
const variantOf = ({ uid }: Owner, { imageId }: Image) => keys.variant(uid, imageId, '64')
const originalOf = ({ uid }: Owner, { imageId }: Image) => keys.original(uid, imageId)
const entryOf = async ({ uid }: Owner, { imageId }: Image) => firstKey(keys.entriesOfImage(uid, imageId))
const firstKey = async (prefix: string) => (await world.keys(prefix))[0] as string
const firstItem = async ({ uid }: Owner) => {
  const names = await world.keys(keys.trail(uid, host.avatars))
  return names.find((key) => !key.includes('!')) as string
}

test('finds nothing if the store matches the acknowledged steps', async () => {
  const { owner, account } = await createPerson()
  expect(await auditFindings(owner, account)).toEqual([])
  expect(await galleryFinding(owner, account)).toBeUndefined()
  // Without the mark of a cleanup the audit proves little.
  expect((await kept(owner)).some((key) => key.includes('!cleaned.'))).toBe(true)
})

test('finds nothing after a host died in the middle of a save or a deletion', async () => {
  const owner = createOwner()
  const account = new Account('person', owner.uid, guestCredentials(''), Date.now())
  const image = await saveImage(owner, account)
  const { from, cropId } = await crop(owner, account)
  account.requestSave(from, { cropId, keepsOriginal: true })
  host.killAfterWrites(3)
  await host.saveImage(owner, { uploadId: from.uploadId, cropId }).catch(() => undefined)
  host.restart()
  account.requestDeletion(image)
  host.killAfterWrites(1)
  await host.deleteImage(owner, image.imageId).catch(() => undefined)
  host.restart()
  const leftBefore = (await kept(owner)).length
  await world.advance(49 * hourMs)
  await host.visitGallery(owner)
  expect(await galleryFinding(owner, account)).toBeUndefined()
  expect(await auditFindings(owner, account)).toEqual([])
  expect((await kept(owner)).length).toBeLessThan(leftBefore)
})

test('finds a variant that is missing', async () => {
  const { owner, account, older } = await createPerson()
  const key = variantOf(owner, older)
  await world.erase([key])
  expect(await auditFindings(owner, account)).toEqual([`lost: ${key} is missing`])
})

test('finds an image without its entry, and the remaining files', async () => {
  const { owner, account, older } = await createPerson()
  await world.erase([await entryOf(owner, older)])
  const findings = await auditFindings(owner, account)
  expect(findings).toContain(`lost: ${older.imageId} was saved but has no entry`)
  expect(findings).toContain(`orphan: ${variantOf(owner, older)} belongs to no saved image`)
  expect(await galleryFinding(owner, account)).toBe(`lost: ${older.imageId} was saved but is not in the gallery`)
})

test('finds a picture of another person', async () => {
  const { owner, account, older } = await createPerson()
  const other = await createPerson()
  const image = granted(await host.gallery(other.owner)).images[0]
  const foreign = await bytesAt(image?.variants.at(-1)?.url ?? '')
  await put(variantOf(owner, older), foreign)
  expect(await auditFindings(owner, account)).toEqual([`wrong: ${variantOf(owner, older)} is another picture`])
})

test('finds another crop of the same upload', async () => {
  const { owner, account, older } = await createPerson()
  const frame = older.upload.frames.get(older.cropId)
  older.upload.frames.set(older.cropId, { column: 0, row: 0, isFlipped: !frame?.isFlipped })
  expect(await auditFindings(owner, account)).toContain(`wrong: ${variantOf(owner, older)} is another picture`)
})

test('finds bytes that are not an image', async () => {
  const { owner, account, older } = await createPerson()
  await put(variantOf(owner, older), 'not an image')
  expect(await auditFindings(owner, account)).toEqual([`lost: ${variantOf(owner, older)} is unreadable`])
})

test('finds a truncated original, and one of another upload', async () => {
  const { owner, account, older, newer } = await createPerson()
  const whole = await drawPicture('avatars', older.upload.code, 'image/jpeg')
  await put(originalOf(owner, older), whole.subarray(0, whole.length / 2))
  await put(originalOf(owner, newer), whole)
  expect((await auditFindings(owner, account)).toSorted()).toEqual([
    `lost: ${originalOf(owner, older)} is unreadable`,
    `wrong: ${originalOf(owner, newer)} is another picture`,
  ])
})

test('finds a lost head of the trail, in the store and in the gallery', async () => {
  const { owner, account, older, newer } = await createPerson()
  await world.erase([await firstItem(owner)])
  expect(await auditFindings(owner, account)).toEqual([
    `wrong: the trail of avatars begins with ${older.imageId} instead of ${newer.imageId}`,
  ])
  expect(await galleryFinding(owner, account)).toBe(`wrong: ${older.imageId} is current instead of ${newer.imageId}`)
})

test('finds files that belong to no saved image', async () => {
  const { owner, account, older } = await createPerson()
  const { uid } = owner
  const strange = [
    keys.variant(uid, older.imageId, '65'),
    keys.variant(uid, `${older.imageId.slice(0, 35)}${'0'.repeat(8)}`, '64'),
    `users/${uid}/v1/entries/unknown`,
  ]
  for (const key of strange) await put(key)
  const findings = strange.map((key) => `orphan: ${key} belongs to no saved image`)
  expect((await auditFindings(owner, account)).toSorted()).toEqual(findings.toSorted())
})

test('finds marks that cleanup should have removed', async () => {
  const { owner, account, gone } = await createPerson()
  const marks = [
    keys.tombstone(owner.uid, host.avatars, gone.imageId),
    keys.cleaned(owner.uid, host.avatars, '2026-01-01'),
  ]
  for (const key of marks) await put(key)
  const findings = marks.map((key) => `orphan: ${key} belongs to no saved image`)
  expect((await auditFindings(owner, account)).toSorted()).toEqual(findings.toSorted())
})

test('finds a trail item of an image that was never saved', async () => {
  const { owner, account } = await createPerson()
  const { from, cropId } = await crop(owner, account)
  const { imageId } = account.requestSave(from, { cropId, keepsOriginal: true })
  const key = keys.trailItem(owner.uid, host.avatars, 'v'.repeat(20), { imageId, isAnimated: false })
  await put(key)
  expect(await auditFindings(owner, account)).toEqual([`orphan: ${key} belongs to no saved image`])
})

test('finds an original that must not exist, and one that is missing', async () => {
  const { owner, account, older, newer } = await createPerson()
  older.keepsOriginal = false
  await world.erase([originalOf(owner, newer)])
  const findings = await auditFindings(owner, account)
  expect(findings).toContain(`orphan: ${originalOf(owner, older)} belongs to no saved image`)
  expect(findings).toContain(`lost: ${originalOf(owner, newer)} is missing`)
})

test('finds a person who signed in without an epoch, and a guest with one', async () => {
  const { owner, account } = await createPerson()
  const key = keys.epoch(owner.uid)
  account.credentials.subject = 'person-1'
  expect(await auditFindings(owner, account)).toEqual([`lost: ${key} is missing`])
  await put(key, 'random')
  const signedIn = await createPerson()
  signedIn.account.credentials.subject = 'person-2'
  await put(keys.epoch(signedIn.owner.uid), 'random')
  expect(await auditFindings(signedIn.owner, signedIn.account)).toEqual([])
  const guest = await createPerson()
  await put(keys.epoch(guest.owner.uid), 'random')
  expect(await auditFindings(guest.owner, guest.account)).toEqual([
    `orphan: ${keys.epoch(guest.owner.uid)} belongs to no saved image`,
  ])
})

test('finds a deleted image that exists again', async () => {
  const { owner, account, gone } = await createPerson()
  await put(`users/${owner.uid}/v1/entries/${gone.imageId}.${'v'.repeat(10)}.${gone.cropId}.jpg.`)
  expect(await auditFindings(owner, account)).toEqual([`wrong: ${gone.imageId} was deleted but has an entry`])
  expect(await galleryFinding(owner, account)).toBe(`wrong: ${gone.imageId} was deleted but is shown`)
})
