import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { defaultCollection } from '@/lib/images/collections'
import { createUploadId } from '@/lib/images/storage/ids'
import { isPage } from './is-page'

const user = { uid: '0'.repeat(32), name: 'Ada' }
const uploadIdOf = (uid: string) => createUploadId(uid, defaultCollection, Date.UTC(2026, 10, 30))

beforeAll(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
})
afterAll(() => vi.unstubAllEnvs())

test('knows every page of the site', () => {
  const app = fileURLToPath(new URL('..', import.meta.url))
  const pages = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) => /(^|\/)page\.tsx$/.test(file))
  const addresses = pages.map(
    (file) => `/${file.replace(/\/?page\.tsx$/, '').replace('[uploadId]', uploadIdOf(user.uid))}`,
  )
  expect(addresses.length).toBeGreaterThanOrEqual(4)
  for (const address of addresses) expect(isPage(address, user), address).toBe(true)
})

test.each([
  '/nowhere',
  '/crop/x',
  `/crop/${uploadIdOf('1'.repeat(32))}`,
  `/crop/${uploadIdOf(user.uid)}/more`,
  '/gallery?collection=nothing',
  '/crop?collection=nothing',
  '/upload?collection=avatars&collection=covers',
  '/_next/image?url=/icon.svg',
  '//x:99999',
])('S40: knows that %s is none', (address) => {
  expect(isPage(address, user)).toBe(false)
})

test.each(['/?collection=nothing', '/gallery?collection=covers', '/crop?collection=covers', '/upload?other=1'])(
  'knows that %s is one',
  (address) => {
    expect(isPage(address, user)).toBe(true)
  },
)
