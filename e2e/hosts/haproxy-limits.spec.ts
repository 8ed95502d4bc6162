import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { alertSaying, begin, skipWaits } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'

skipWithoutHaproxy()

test.use({ variables: { WRITES_PER_MINUTE: '3' } })

test('an upload over HAProxy’s limit reports a busy server and keeps its file', async ({ page, witness }) => {
  await page.clock.install()
  await begin(page)
  const rejected = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.status() === 503)
  // Send them from the page: `begin` may use the other of localhost's two addresses.
  await page.evaluate(async () => {
    for (let turn = 0; turn < 4; turn++) await fetch('/api/uploads', { method: 'POST', body: '{}' })
  })
  const answer = await rejected
  expect(answer.headers()).toMatchObject({ 'x-served-by': 'balancer', 'content-type': 'application/problem+json' })

  await page.getByLabel('Choose a photo').setInputFiles(await portrait())

  const alert = alertSaying(page, 'The server is busy. Try again in a moment.')
  // The page retries before it reports this.
  await skipWaits(page, () => expect(alert).toHaveAttribute('data-code', 'busy', { timeout: 500 }))
  await expect(alert.getByRole('button', { name: 'Try again' })).toBeVisible()
  await expect(page.getByRole('application', { name: 'Crop editor' })).toBeVisible()
  expectOnly(witness, '400')
  expectOnly(witness, '503')
})
