import { alertSaying, apply, begin, cards, save, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, test } from '@/e2e/test'

test('a crop that was erased can be applied again and saved', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  const cropId = await apply(page)
  // The host looks for a crop that does not exist, as after 20 newer ones.
  await page.route('**/crop/**', (route) => {
    const body = route.request().postData()
    return body?.includes(cropId)
      ? route.continue({ postData: body.replace(cropId, '0'.repeat(32)) })
      : route.continue()
  })
  await page.getByRole('button', { name: 'Save photo' }).click()
  const alert = alertSaying(page, 'We no longer have this crop. Save again')
  await expect(alert).toHaveAttribute('data-code', 'draft_gone')
  await page.unroute('**/crop/**')
  expect(await apply(page)).toBe(cropId)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
})
