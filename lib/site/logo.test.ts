import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigurationError, type SiteEnv } from '@/lib/env'
import { checkLogo, logoOrigin } from './logo'

let artefact: string

beforeAll(async () => {
  artefact = await mkdtemp(join(tmpdir(), 'logo-'))
  await mkdir(join(artefact, 'public'))
  await writeFile(join(artefact, 'public/logo.svg'), '<svg/>')
})

afterAll(() => rm(artefact, { recursive: true }))

const site = (logo: string | undefined) => ({ logo }) as SiteEnv

test.each([
  [undefined, undefined],
  ['/logo.svg', undefined],
  ['https://cdn.example.org/brand/logo.svg', 'https://cdn.example.org'],
])('S24: the Content-Security-Policy for the logo %s has the origin %s', (logo, origin) => {
  expect(logoOrigin(site(logo))).toBe(origin)
})

test.each([undefined, '/logo.svg', 'https://cdn.example.org/logo.svg'])('a host starts with the logo %s', (logo) =>
  checkLogo(site(logo), artefact),
)

test('U72: a host does not start without the file of its logo', async () => {
  const failure = checkLogo(site('/other.svg'), artefact)
  await expect(failure).rejects.toThrow(ConfigurationError)
  await expect(failure).rejects.toThrow(
    /^This host cannot start\.\n {2}SITE_LOGO: .*public\/other\.svg does not exist\.$/,
  )
})
