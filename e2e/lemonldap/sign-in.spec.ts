import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { apply, cards, save, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { test as base, expect } from '@/e2e/test'
import { client, demoDomain } from '@/tools/lemonldap/portal-config'
import { startLemonldap } from '@/tools/lemonldap/start-lemonldap'
import { createChildren } from '@/tools/process/child-process'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'

// S28 at a provider of another make: other endpoints, and claims in UserInfo only.

type Stack = Awaited<ReturnType<typeof startStack>>

/** A test on three hosts that sign people in at LemonLDAP::NG. */
const test = base.extend<{ stack: Stack }, { lemonldapStack: Stack }>({
  lemonldapStack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
    async ({}, use) => {
      const [port, storePort, issuerPort] = (await findFreePorts(3, [])) as [number, number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'lemonldap-stack-'))
      const children = createChildren()
      const appOrigin = `http://localhost:${port}`
      const { issuer, close } = await startLemonldap({ port: issuerPort, appOrigin, children, onLine: () => {} })
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        hosts: 3,
        env: {
          AUTH_MODE: 'oidc',
          OIDC_ISSUER: issuer,
          OIDC_CLIENT_ID: client.id,
          OIDC_CLIENT_SECRET: client.secret,
          OIDC_ALLOWED_DOMAINS: demoDomain,
        },
        log: () => {},
      })
      await use(stack)
      await stack.close()
      await close()
      await children.end()
      await rm(stateDirectory, { recursive: true })
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: ({ lemonldapStack }, use) => use(lemonldapStack),
  baseURL: ({ lemonldapStack }, use) => use(lemonldapStack.origin),
})

/** Fills in the form of LemonLDAP::NG. A demo account has its name as the password. */
async function signInAs(page: Page, name: string): Promise<void> {
  await page.locator('[name=user]').fill(name)
  await page.locator('[name=password]').fill(name)
  await page.getByRole('button', { name: 'Connect' }).click()
}

test('S28: people sign in at LemonLDAP::NG, save a photo, and sign out there too', async ({ page, stack }) => {
  await page.goto('/upload')
  await signInAs(page, 'dwho')
  await page.waitForURL('**/upload')
  await stack.killHost('host-2')
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  await stack.restartHost('host-2')

  await page.getByRole('button', { name: 'Account menu' }).click()
  await expect(page.getByText('Doctor Who', { exact: true })).toBeVisible()
  await expect(page.getByText(`dwho@${demoDomain}`)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('link', { name: 'Sign in' }).click()
  // The session there has ended, so it asks again. Another person has no photos.
  await signInAs(page, 'rtyler')
  await page.goto('/gallery')
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
})
