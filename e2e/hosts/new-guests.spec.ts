import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { alertSaying, begin } from '@/e2e/person'
import { expect, expectOnly } from '@/e2e/test'

skipWithoutHaproxy()

test.use({ variables: { NEW_GUESTS_PER_HOUR: '1' } })

test('S40: over HAProxy’s limit of new guests, signing in says so at once', async ({ page, witness, context }) => {
  await begin(page)
  await context.clearCookies()
  await page.goto('/upload')

  await page.getByRole('button', { name: 'Continue as a guest' }).click()

  const alert = alertSaying(page, 'There are too many new guests from your network. Try again in an hour.')
  await expect(alert).toHaveAttribute('data-code', 'too_many_guests')
  expect(await context.cookies()).toEqual([])
  await page.goto('/gallery')
  await expect(page.getByRole('button', { name: 'Continue as a guest' })).toBeVisible()
  expectOnly(witness, '429')
})
