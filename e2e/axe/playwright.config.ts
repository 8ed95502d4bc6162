import { defineConfig } from 'playwright/test'
import config from '../playwright.config'

/** axe in all states of the pages, in both themes and all languages, on the stack of the other browser tests. */
export default defineConfig({
  ...config,
  testDir: '.',
  testIgnore: [],
  outputDir: '../../test-results/axe',
  timeout: 300_000,
})
