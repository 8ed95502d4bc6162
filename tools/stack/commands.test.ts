import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

// They run without the condition `react-server`, so they fail if they import a file that is only for hosts.
test.each(['up', 'dev'])('npm run %s starts', (script) => {
  const { status, stdout } = spawnSync('npm', ['run', '--silent', script, '--', '--help'], { encoding: 'utf8' })
  expect(stdout).toContain(`Usage: npm run ${script}`)
  expect(status).toBe(0)
})
