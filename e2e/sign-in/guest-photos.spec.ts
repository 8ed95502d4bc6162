import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { findViolations } from '@/e2e/find-violations'
import type { ThreeHosts } from '@/e2e/hosts/three-hosts'
import { chooseAccount } from '@/e2e/person'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { test } from './site'

/** A step copies 10 images, so these take two steps. */
const photos = 11

/** Saves photos as a guest, on a host that is in guest mode for that time. @returns the cookie and the uid of the guest */
async function saveAsGuest(stack: ThreeHosts): Promise<{ cookie: string; uid: string }> {
  const [{ name, origin }] = stack.hosts as [ThreeHosts['hosts'][number]]
  stack.set(name, { AUTH_MODE: 'guest' })
  await stack.restartHost(name)
  const guest = await ApiClient.signIn({ origin: stack.origin }, origin)
  const uid = (await guest.whoAmI()) as string
  const uploadId = await guest.upload(await portrait())
  for (let at = 0; at < photos; at += 1) {
    const { cropId } = await guest.crop({ uploadId, area: portraitArea(at) })
    const { imageId } = await guest.save({ uploadId, cropId })
    if (at === 0) await guest.call(200, 'PATCH', `/api/images/${imageId}`, { alt: 'Me, at the sea' })
  }
  stack.set(name, {})
  await stack.restartHost(name)
  return { cookie: guest.cookie, uid }
}

/** Returns how many objects a person has. */
async function countObjects({ s3 }: ThreeHosts, uid: string): Promise<number> {
  const counts = ['media', 'users', 'drafts', 'incoming'].map(async (prefix) => {
    const listing = await s3.send(new ListObjectsV2Command({ Bucket: 'anyhost', Prefix: `${prefix}/${uid}/` }))
    return listing.KeyCount ?? 0
  })
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

test("U103: a guest's photos come along into the account, although hosts are killed", async ({
  page,
  stack,
  witness,
}) => {
  test.setTimeout(300_000)
  const guest = await saveAsGuest(stack)
  const [name = '', value = ''] = guest.cookie.split(/=(.*)/s)
  await page.context().addCookies([{ name, value, url: stack.origin }])
  await page.goto('/gallery')
  await chooseAccount(page, 'Grace Hopper')
  await page.getByRole('button', { name: 'Kontomenü' }).click()
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('English')
  const offer = page.getByRole('region', { name: 'Your photos as a guest' })
  await expect(offer).toContainText('You saved 11 photos in this browser before you signed in.')
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  expect(await findViolations(page)).toEqual([])

  // A host is killed while it copies, and another one while it erases.
  const [first, second] = stack.hosts.map((host) => host.name) as [string, string]
  const killed: Record<string, string> = {}
  await page.route('**/api/account/guest/*', async (route) => {
    const work = new URL(route.request().url()).pathname
    const victim = work.endsWith('/copy') ? first : second
    if (killed[work]) return route.continue()
    killed[work] = victim
    await Promise.all([route.continue(), stack.killHost(victim)])
  })
  await offer.getByRole('button', { name: 'Bring them along' }).click()
  await expect(page.getByText('11 photos are in your account now.')).toBeVisible()
  await expect(offer).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  expect(Object.values(killed)).toEqual([first, second])
  for (const host of [first, second]) await stack.restartHost(host)

  const images = page.getByRole('listitem').filter({ has: page.getByRole('img') })
  await expect(images).toHaveCount(photos)
  await expect(page.getByRole('img', { name: 'Me, at the sea' })).toBeVisible()
  const { current } = await (await page.request.get('/api/collections/avatars/current')).json()
  expect(current).not.toBeNull()
  expect(await countObjects(stack, guest.uid)).toBe(0)
  const cookies = await page.context().cookies()
  expect(cookies.some((cookie) => cookie.name === name)).toBe(false)
  await page.goto('/account')
  await expect(page.getByText('11 of 1,000 photos')).toBeVisible()
  await expect(offer).toHaveCount(0)
  expectOnly(witness, /50[234]/)
})

test('U103: what was saved as a guest can be deleted instead', async ({ page, stack }) => {
  const guest = await saveAsGuest(stack)
  const [name = '', value = ''] = guest.cookie.split(/=(.*)/s)
  await page.context().addCookies([{ name, value, url: stack.origin }])
  await page.goto('/account')
  await chooseAccount(page, 'Ada Lovelace')
  const offer = page.getByRole('region', { name: 'Your photos as a guest' })
  await offer.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(offer).toHaveCount(0)
  expect(await countObjects(stack, guest.uid)).toBe(0)
  await page.goto('/gallery')
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
})
