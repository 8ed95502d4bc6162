import { faketimeLibrary, wrongClock } from '@/e2e/hosts/fake-clock'
import { test as threeHosts } from '@/e2e/hosts/three-hosts'
import type { IdentityProvider } from '@/tools/identity-provider/identity-provider'
import { ApiClient } from '@/tools/testing/api-client'

/** Whom the site tells people to ask. */
export const helpUrl = 'mailto:help@example.com'

/**
 * A test on three hosts that sign people in at the development provider. In CI, and wherever faketime is installed, the
 * clocks of the hosts are ten minutes apart. All files of this folder share the hosts.
 */
export const test = threeHosts.extend<{ provider: IdentityProvider; newClient: (cookie?: string) => ApiClient }>({
  hasAccounts: [true, { scope: 'worker' }],
  environment: [{ SITE_HELP_URL: helpUrl }, { scope: 'worker' }],
  environmentOf: [
    faketimeLibrary || process.env.CI ? { 'host-1': wrongClock(-600), 'host-3': wrongClock(600) } : {},
    { scope: 'worker' },
  ],
  provider: ({ stack }, use) => use(stack.identityProvider as IdentityProvider),
  newClient: ({ stack }, use) => use((cookie) => ApiClient.create({ origin: stack.origin }, cookie)),
})
