import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

// `server-only` throws unless its server export is resolved.
const conditions = ['react-server', 'node', 'import', 'default']

const tests = '{app,components,lib,tools}/**/*.test.{ts,tsx}'
/** The tests that must pass on every store: `npm run contract`. */
const contractTests = '{lib,tools}/**/*.contract.test.ts'

export default defineConfig({
  resolve: { alias: { '@': root } },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    server: { deps: { inline: ['server-only'] } },
    // Many tests only wait, so run one file per processor. An external store is shared by all tests, so run one file.
    maxWorkers: (process.env.TEST_STORE ?? 'bundled') === 'bundled' ? availableParallelism() : 1,
    // Tests use real sharp and real servers. The timeout fails a hung test, not a slow machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: [tests], exclude: [contractTests] } },
      { extends: true, test: { name: 'contract', include: [contractTests] } },
    ],
  },
})
