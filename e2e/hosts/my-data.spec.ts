import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CopyObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { unzipSync } from 'fflate'
import pMap from 'p-map'
import type { Page } from 'playwright/test'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect } from '@/e2e/test'
import { toBase32 } from '@/lib/base32'
import type { SavedImage } from '@/lib/images/schema'
import { ApiClient } from '@/tools/testing/api-client'
import { type ThreeHosts, test } from './three-hosts'

// A person with many photos takes everything along, then erases everything, while hosts are killed.

const bucket = 'anyhost'
/** `npm run test:all` uses 1,000. */
const photos = Number(process.env.MY_DATA_PHOTOS ?? 150)
/** All prefixes with objects of a person. */
const prefixes = ['media', 'users', 'drafts', 'incoming']

async function keysOf(s3: S3Client, uid: string): Promise<string[]> {
  const keys: string[] = []
  for (const prefix of prefixes) {
    let token: string | undefined
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: `${prefix}/${uid}/`,
        ContinuationToken: token,
      })
      const { Contents = [], NextContinuationToken } = await s3.send(command)
      keys.push(...Contents.map(({ Key = '' }) => Key))
      token = NextContinuationToken
    } while (token)
  }
  return keys
}

/** Returns the id of another image of the same second. Its end is the seal of docs/layout.md. */
function anotherId(uid: string, imageId: string): string {
  const unsealed = imageId.slice(0, 11) + toBase32(randomBytes(5)) + imageId.slice(19, 35)
  return unsealed + toBase32(createHash('sha256').update(`${uid}\n${unsealed}`).digest()).slice(0, 8)
}

/** Copies all objects of an image in the store, so that the person has that many images. */
async function multiply({ s3 }: ThreeHosts, uid: string, { imageId }: SavedImage): Promise<void> {
  const own = (await keysOf(s3, uid)).filter((key) => key.includes(imageId) && !key.includes('/trail/'))
  const copies = Array.from({ length: photos - 1 }, () => anotherId(uid, imageId)).flatMap((other) =>
    own.map((key) => ({ Bucket: bucket, CopySource: `${bucket}/${key}`, Key: key.replace(imageId, other) })),
  )
  await pMap(copies, (copy) => s3.send(new CopyObjectCommand(copy)), { concurrency: 24 })
}

/** Opens the account page as this person. */
async function openAccount(page: Page, origin: string, person: ApiClient): Promise<void> {
  const [name = '', value = ''] = person.cookie.split(/=(.*)/s)
  await page.context().addCookies([{ name, value, url: origin }])
  // Browsers without a dialog save the zip as a download.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await page.goto('/account')
}

/** Does something to a host while its n-th request of this kind is on its way. */
async function killDuring(page: Page, url: string, acts: Record<number, () => Promise<unknown>>): Promise<void> {
  let requests = 0
  await page.route(url, async (route) => {
    requests += 1
    const sent = route.continue()
    await acts[requests]?.()
    await sent
  })
}

test('U101, U102, S37: exports and erases many photos while hosts are killed', async ({ page, stack, witness }) => {
  test.setTimeout(300_000)
  const person = await ApiClient.signIn({ origin: stack.origin })
  const uid = (await person.whoAmI()) as string
  const file = await portrait()
  const uploadId = await person.upload(file)
  const saved = await person.save(await person.crop({ uploadId, area: portraitArea() }))
  await person.call(200, 'PATCH', `/api/images/${saved.imageId}`, { alt: 'Me, at the sea' })
  await multiply(stack, uid, saved)
  await openAccount(page, stack.origin, person)
  await expect(page.getByText(`${photos.toLocaleString('en')} of 1,000 photos`)).toBeVisible()

  await test.step('exports', async () => {
    await killDuring(page, '**/api/export?*', {
      2: () => stack.killHost('host-1'),
      4: () => stack.restartHost('host-1'),
      5: () => stack.killHost('host-2'),
    })
    const downloading = page.waitForEvent('download', { timeout: 200_000 })
    await page.getByRole('button', { name: 'Download everything' }).click()
    await expect(page.getByRole('progressbar', { name: 'Take your photos along' })).toBeVisible()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('photos.zip')
    await expect(page.getByText('Download complete.')).toBeVisible()
    await stack.restartHost('host-2')

    const files = unzipSync(await readFile(await download.path()))
    const { 'photos.json': json, ...others } = files
    const list = JSON.parse(Buffer.from(json as Uint8Array).toString())
    expect(list.person.id).toBe(uid)
    expect(list.images).toHaveLength(photos)
    expect(new Set(list.images.map(({ imageId }: SavedImage) => imageId)).size).toBe(photos)
    expect(list.history.avatars).toMatchObject([{ imageId: saved.imageId }])
    const described = list.images.find(({ imageId }: SavedImage) => imageId === saved.imageId)
    expect(described).toMatchObject({
      alt: 'Me, at the sea',
      current: true,
      recipe: { area: portraitArea(), rotate: 0 },
    })
    const named: string[] = list.images.flatMap((image: { files: string[] }) => image.files)
    expect(new Set(named)).toEqual(new Set(Object.keys(others)))
    expect(named).toHaveLength(photos * (1 + saved.variants.length))
    for (const [name, bytes] of Object.entries(others)) {
      if (name.endsWith('/original.jpg')) expect(file.buffer.equals(bytes)).toBe(true)
      else expect(Buffer.from(bytes.subarray(8, 12)).toString()).toBe('WEBP')
    }
  })

  await test.step('erases', async () => {
    await page.getByRole('button', { name: 'Erase everything…' }).click()
    const dialog = page.getByRole('alertdialog')
    await expect(dialog.getByRole('button', { name: 'Erase everything' })).toBeDisabled()
    await killDuring(page, '**/api/account/erase', {
      2: () => stack.killHost('host-3'),
      3: () => stack.killHost('host-1'),
    })
    await dialog.getByRole('textbox').fill('erase')
    await dialog.getByRole('button', { name: 'Erase everything' }).click()
    const done = page.getByRole('heading', { name: 'Everything is erased' })
    await expect(done).toBeVisible({ timeout: 100_000 })
    expect(await keysOf(stack.s3, uid)).toEqual([])
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.waitForURL((url) => url.pathname === '/')
    await expect(page.getByRole('button', { name: 'Account menu' })).toHaveCount(0)
    for (const name of ['host-1', 'host-3']) await stack.restartHost(name)
  })
  // Browsers report each request to a killed host.
  witness.consoleErrors = witness.consoleErrors.filter((error) => !/Failed to load resource/.test(error))
})
