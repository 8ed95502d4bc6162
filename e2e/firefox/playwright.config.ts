import { defineConfig } from 'playwright/test'
import config from '../playwright.config'

/** The main journey in Firefox, on the stack of the other browser tests. Playwright runs the tests, Puppeteer the browser. */
export default defineConfig({
  ...config,
  testDir: '.',
  testIgnore: [],
  outputDir: '../../test-results/firefox',
})
