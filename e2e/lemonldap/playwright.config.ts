import { defineConfig } from 'playwright/test'
import config from '../playwright.config'

/** Sign-in at LemonLDAP::NG from Debian's packages, another OpenID Connect provider than that of the other tests. */
export default defineConfig({
  ...config,
  testDir: '.',
  testIgnore: [],
  outputDir: '../../test-results/lemonldap',
})
