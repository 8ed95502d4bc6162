import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { keys } from '@/lib/images/keys'
import type { Owner } from '@/lib/images/owner'
import { host, world } from '@/lib/images/shared-world.test-support'
import { bytesAt, createOwner, granted, hourMs, upload } from '@/lib/images/world.test-support'
import { auditPixels } from './audit-pixels'
import { auditStore } from './audit-store'
import { judgeGallery } from './judge-gallery'
import { Account, type Picture } from './ledger'
import { drawPicture, recipeOf } from './pictures'

/** The product makes what there is, on a real store; then it is tampered with, and the audit has to tell. */

let codes = 0

/** Somebody who was told of three pictures: the first one was deleted, and the third one is current. */
async function somebody() {
  const owner = createOwner()
  const account = new Account('somebody', owner.uid, '', Date.now())
  const [gone, older, newer] = [await putUp(owner, account), await putUp(owner, account), await putUp(owner, account)]
  account.askDeletion(gone)
  granted(await host.deleteImage(owner, gone.imageId))
  account.tellDeleted(gone, Date.now())
  // The audit comes two days after the last step.
  await world.advance(49 * hourMs)
  await host.sweep(owner)
  return { owner, account, gone, older, newer }
}

async function putUp(owner: Owner, account: Account): Promise<Picture> {
  codes += 1
  const imageId = await upload(host, owner, await drawPicture('avatars', codes, 'image/jpeg'))
  const picture = account.issue(imageId, 'avatars', codes)
  const frame = { column: codes % 3, row: 1, isFlipped: codes % 2 === 0 }
  const { cropId } = granted(await host.cropUpload(owner, { imageId, ...recipeOf('avatars', frame), rotate: 0 }))
  picture.frames.set(cropId, frame)
  account.askSave(picture, { cropId, keepsOriginal: true })
  const { current } = granted(await host.saveImage(owner, { imageId, cropId }))
  account.tellSaved(
    picture,
    { cropId, keepsOriginal: true, isCurrent: current },
    { lost: 0, hasSeen: true, now: Date.now() },
  )
  return picture
}

/** What is found, in the store and in the gallery: each kind, and how it is told. */
async function found(owner: Owner, account: Account): Promise<string[]> {
  const stored = [...(await world.keys(`users/${owner.uid}/`)), ...(await world.keys(`media/${owner.uid}/`))]
  auditStore(account, stored)
  await auditPixels([account])
  return account.findings.map(({ kind, what }) => `${kind}: ${what}`)
}

const remove = (key: string) => world.s3.send(new DeleteObjectCommand({ Bucket: world.bucketName, Key: key }))
const put = (key: string, body: Uint8Array | string = '') =>
  world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key: key, Body: body, ContentLength: body.length }))
const variantOf = ({ uid }: Owner, picture: Picture) =>
  keys.variant(uid, picture.imageId, picture.saved?.cropId ?? '', '64')
const only = async (prefix: string) => (await world.keys(prefix))[0] as string

test('what was told and stands has nothing to be found', async () => {
  const { owner, account } = await somebody()
  expect(await found(owner, account)).toEqual([])
  judgeGallery(account, 'avatars', granted(await host.gallery(owner)).images, Number.POSITIVE_INFINITY)
  expect(account.findings).toEqual([])
})

test('a variant that is removed is lost', async () => {
  const { owner, account, older } = await somebody()
  await remove(variantOf(owner, older))
  const key = variantOf(owner, older)
  expect(await found(owner, account)).toEqual([`lost: ${key} is missing`])
})

test('a picture without its entry is lost, and what is left of it are orphans', async () => {
  const { owner, account, older } = await somebody()
  await remove(await only(keys.entriesOfImage(owner.uid, older.imageId)))
  const findings = await found(owner, account)
  expect(findings).toContain(`lost: ${older.imageId} was saved, and has no entry`)
  expect(findings).toContain(`orphan: ${variantOf(owner, older)} belongs to nothing that was saved`)
  judgeGallery(account, 'avatars', granted(await host.gallery(owner)).images, Number.POSITIVE_INFINITY)
  expect(account.findings.at(-1)?.what).toBe(`${older.imageId} was saved, and is not in the gallery`)
})

test('a picture of somebody else in the place of one’s own is wrong', async () => {
  const { owner, account, older } = await somebody()
  const other = await somebody()
  const image = granted(await host.gallery(other.owner)).images[0]
  const foreign = await bytesAt(image?.variants.at(-1)?.url ?? '')
  await put(variantOf(owner, older), foreign)
  expect(await found(owner, account)).toEqual([`wrong: ${variantOf(owner, older)} is another picture`])
})

test('bytes that are no picture are lost', async () => {
  const { owner, account, older } = await somebody()
  await put(variantOf(owner, older), 'no picture')
  expect(await found(owner, account)).toEqual([`lost: ${variantOf(owner, older)} is unreadable`])
})

test('an original that is not all there is lost, and one of another upload is wrong', async () => {
  const { owner, account, older, newer } = await somebody()
  const originalOf = (picture: Picture) => keys.original(owner.uid, picture.imageId, picture.saved?.cropId ?? '')
  const whole = await drawPicture('avatars', older.code, 'image/jpeg')
  await put(originalOf(older), whole.subarray(0, whole.length / 2))
  await put(originalOf(newer), whole)
  expect((await found(owner, account)).toSorted()).toEqual([
    `lost: ${originalOf(older)} is unreadable`,
    `wrong: ${originalOf(newer)} is another picture`,
  ])
})

test('a trail that is turned back is wrong, in the store and in the gallery', async () => {
  const { owner, account, older, newer } = await somebody()
  await remove(await only(keys.trail(owner.uid, host.avatars)))
  const told = `${older.imageId}`
  expect(await found(owner, account)).toEqual([
    `wrong: the trail of avatars begins with ${told}, and ${newer.imageId} was told to be current`,
  ])
  judgeGallery(account, 'avatars', granted(await host.gallery(owner)).images, Number.POSITIVE_INFINITY)
  expect(account.findings.at(-1)).toEqual({
    kind: 'wrong',
    what: `${told} is current, and ${newer.imageId} was told to be`,
  })
})

test('what belongs to nothing that was saved is an orphan, a mark that nobody swept among it', async () => {
  const { owner, account, older } = await somebody()
  const variant = keys.variant(owner.uid, older.imageId, 'v'.repeat(32), '64')
  const mark = keys.deletePending(owner.uid, host.avatars, older.imageId)
  await put(variant)
  await put(mark)
  expect(await found(owner, account)).toEqual([
    `orphan: ${mark} belongs to nothing that was saved`,
    `orphan: ${variant} belongs to nothing that was saved`,
  ])
})

test('an original that was not to be kept is an orphan, and one that was and is gone is lost', async () => {
  const { owner, account, older, newer } = await somebody()
  older.saved = { cropId: older.saved?.cropId ?? '', keepsOriginal: false }
  const kept = keys.original(owner.uid, newer.imageId, newer.saved?.cropId ?? '')
  await remove(kept)
  const findings = await found(owner, account)
  const left = keys.original(owner.uid, older.imageId, older.saved.cropId)
  expect(findings).toContain(`orphan: ${left} belongs to nothing that was saved`)
  expect(findings).toContain(`lost: ${kept} is missing`)
})

test('a picture that was deleted and is there again is wrong', async () => {
  const { owner, account, gone } = await somebody()
  const { imageId, saved } = gone
  await put(`users/${owner.uid}/v1/entries/${imageId}.${'v'.repeat(10)}.${saved?.cropId}.jpg..`)
  expect(await found(owner, account)).toEqual([`wrong: ${imageId} was deleted, and has an entry`])
  judgeGallery(account, 'avatars', granted(await host.gallery(owner)).images, Number.POSITIVE_INFINITY)
  expect(account.findings.at(-1)?.what).toBe(`${imageId} was deleted, and is shown`)
})
