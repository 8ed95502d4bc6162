import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { alertSaying, begin, skipWaits } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'

skipWithoutHaproxy()

// Signing in is the first.
test.use({ variables: { WRITES_PER_MINUTE: '3' } })

test('whom HAProxy limits is told that the server is busy, keeps the file, and may try again', async ({
  page,
  witness,
}) => {
  await page.clock.install()
  await begin(page)
  const refused = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.status() === 503)
  // From the page itself, so that it comes from the same address, whichever that is of localhost's two.
  await page.evaluate(async () => {
    for (let turn = 0; turn < 3; turn++) await fetch('/api/uploads', { method: 'POST', body: '{}' })
  })
  const answer = await refused
  expect(answer.headers()).toMatchObject({ 'x-served-by': 'balancer', 'content-type': 'application/problem+json' })

  const photo = await portrait()
  await page.getByLabel('Choose a photo').setInputFiles(photo)

  const alert = alertSaying(page, 'The server is busy. Try again in a moment.')
  // It tries again by itself before it says so.
  await skipWaits(page, () => expect(alert).toContainText('Code: busy', { timeout: 500 }))
  await expect(alert.getByRole('button', { name: 'Try again' })).toBeVisible()
  await expect(page.getByText(photo.name).first()).toBeVisible()
  expectOnly(witness, '400')
  expectOnly(witness, '503')
})
