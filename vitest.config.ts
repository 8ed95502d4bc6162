import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

// `server-only` throws unless it is resolved as on a server.
const conditions = ['react-server', 'node', 'import', 'default']

const tests = '{app,components,lib,tools}/**/*.test.{ts,tsx}'
/** What must hold on every store: `npm run contract`. */
const contractTests = '{lib,tools}/**/*.contract.test.ts'

export default defineConfig({
  resolve: { alias: { '@': root } },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    server: { deps: { inline: ['server-only'] } },
    // Many wait, for a store that stands still or for a time that has to pass. One real store for all is busy with one file.
    maxWorkers: (process.env.TEST_STORE ?? 'bundled') === 'bundled' ? availableParallelism() : 1,
    // Real sharp, real servers, two shared cores: a hang fails, a slow machine does not.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: [tests], exclude: [contractTests] } },
      { extends: true, test: { name: 'contract', include: [contractTests] } },
    ],
  },
})
