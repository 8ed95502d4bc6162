import { defineConfig } from 'playwright/test'
import journeys from '@/e2e/playwright.config'

/** `npm run faces`: evaluates the opening crop on a stack like that of the browser tests. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  testIgnore: [],
  outputDir: '../../test-results',
  timeout: 15 * 60_000,
})
