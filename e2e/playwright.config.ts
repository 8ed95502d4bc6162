import { join } from 'node:path'
import { defineConfig } from 'playwright/test'
import { projectDirectory } from '@/tools/process/project'
import { findChromium } from '@/tools/stack/find-chromium'
import { siteOrigin, sitePort, stateDirectory, storeKind, storePort } from './addresses'

// Each worker loads this config again. Only the first one looks for a browser and logs it.
if (!process.env.CHROMIUM_PATH) {
  const chromium = await findChromium()
  process.env.CHROMIUM_PATH = chromium.executablePath
  console.log(`Browser: ${chromium.description}`)
}

const ports = `--port ${sitePort} --store-port ${storePort}`

/** Browser tests through the balancer, on three hosts of one build. */
export default defineConfig({
  testDir: '.',
  // These start their own stacks on the bundled store, so they run only with the bundled store.
  // `axe/`, `firefox/` and `lemonldap/` have configurations of their own.
  testIgnore: ['axe/**', 'firefox/**', 'lemonldap/**'].concat(
    storeKind === 'bundled'
      ? []
      : ['hosts/**', 'isolation/**', 'sign-in/**', 'refusals/{hostile,limits,store-gone}.spec.ts'],
  ),
  // Tests of a case that another test nearly covers: only in `npm run test:all`, so that CI stays short.
  ...(process.env.LONG_TESTS ? {} : { grepInvert: /@long/ }),
  // Absolute, because other folders use this configuration too.
  globalTeardown: join(projectDirectory, 'e2e/state.ts'),
  outputDir: '../test-results',
  // `npm test` runs the unit and contract tests in parallel, which already keeps two cores busy.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: siteOrigin,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // No trace: it reads blob URLs inside the page, which the Content-Security-Policy forbids.
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      // Chromium runs as root in CI and must not use the network.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `node --import tsx tools/stack/up.ts --store ${storeKind} ${ports} --state "${stateDirectory}"`,
    // Absolute, because other folders use this configuration too.
    cwd: projectDirectory,
    url: `${siteOrigin}/livez`,
    reuseExistingServer: !process.env.CI,
    timeout: 900_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
})
