import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseEnv } from '@/lib/env'
import { projectDirectory } from '@/tools/process/project'

const page = readFileSync(join(projectDirectory, 'docs/sign-in.md'), 'utf8')

/** The environments of hosts that the page shows, under their headings. */
const examples = page.split(/^#{2,3} /m).flatMap((section) => {
  const [heading = ''] = section.split('\n')
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks.filter((block) => /^(OIDC|PROXY)_/m.test(block)).map((block) => [heading, block] as const)
})

test('shows the environment of hosts for each provider and proxy', () => {
  const headings = examples.map(([heading]) => heading)
  for (const name of ['Keycloak', 'Microsoft Entra ID', 'Google', 'Okta', 'Authentik']) expect(headings).toContain(name)
  for (const name of ['oauth2-proxy', 'AWS Application Load Balancer']) expect(headings).toContain(name)
})

test.each(examples)('hosts start with the example of %s', (_, block) => {
  const lines = block.replaceAll('…', 'x').trim().split('\n')
  const shown = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2)))
  const host = {
    APP_ORIGIN: 'https://me.example.org',
    AWS_REGION: 'eu-central-1',
    S3_BUCKET: 'pictures',
    SESSION_SECRETS: 'a'.repeat(32),
    AUTH_MODE: block.includes('OIDC_ISSUER') ? 'oidc' : 'proxy',
  }
  const env = parseEnv({ ...host, ...shown })
  expect(env.oidc ?? env.proxy).toBeDefined()
})
