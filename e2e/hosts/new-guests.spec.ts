import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { alertSaying, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'

skipWithoutHaproxy()

test.use({ variables: { NEW_GUESTS_PER_HOUR: '1' } })

test('S40: over HAProxy’s limit of new guests, the first upload says so at once', async ({
  page,
  witness,
  context,
}) => {
  await page.goto('/upload')
  await upload(page, await portrait())
  await context.clearCookies()
  await page.goto('/upload')

  await page.getByLabel('Choose a photo').setInputFiles(await portrait())

  const alert = alertSaying(page, 'There are too many new guests from your network. Try again in an hour.')
  await expect(alert).toHaveAttribute('data-code', 'too_many_guests')
  expect(await context.cookies()).toEqual([])
  expectOnly(witness, '429')
})
