import { defineConfig } from 'playwright/test'
import { findChromium } from '@/tools/stack/find-chromium'
import { siteOrigin, sitePort, stateDirectory, storeKind, storePort } from './addresses'

// The config is read again by each worker: only the first reading looks for a browser, and says which.
if (!process.env.CHROMIUM_PATH) {
  const chromium = await findChromium()
  process.env.CHROMIUM_PATH = chromium.executablePath
  console.log(`Browser: ${chromium.description}`)
}

const ports = `--port ${sitePort} --store-port ${storePort}`

/** The journeys, in a real browser, through the balancer, on three hosts of one build. */
export default defineConfig({
  testDir: '.',
  // These start stacks of their own, on the bundled store whatever is asked for: once is enough.
  testIgnore: storeKind === 'bundled' ? [] : ['hosts/**', 'refusals/{hostile,limits,store-gone}.spec.ts'],
  outputDir: '../test-results',
  // `npm test` runs the unit and contract tests beside the journeys: together they keep two cores busy.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: siteOrigin,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // No trace: it reads blob URLs from within the page, which the Content-Security-Policy rightly refuses.
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      // Chromium runs as root in CI, and must not contact anyone on the network.
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
    cwd: '..',
    url: `${siteOrigin}/livez`,
    reuseExistingServer: !process.env.CI,
    timeout: 900_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
})
