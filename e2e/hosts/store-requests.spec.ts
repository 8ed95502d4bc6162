import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { apply, begin, cards, requestCrop, save, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { removeState } from '@/e2e/state'
import { test as base, expect, expectOnly } from '@/e2e/test'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { openStoreProxy, type StoreRequest, type StoreResponse } from '@/tools/testing/store-proxy'

// A host's requests to the store while a person uses the pages, and the pages when the store rejects some of them.

interface ProxiedStore {
  /** Returns the host's requests since the last call: method, then key or prefix. */
  takeRequests(): string[]
  /** Answers 403 to the matching requests from now on. */
  reject(matches: (request: string) => boolean): void
}

const test = base.extend<object, { site: { origin: string; store: ProxiedStore } }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
    async ({}, use) => {
      const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'store-requests-'))
      let requests: string[] = []
      let isRejected = (_request: string) => false
      const proxy = await openStoreProxy(`http://127.0.0.1:${storePort}`, async (storeRequest, pass) => {
        const request = nameOf(storeRequest)
        requests.push(request)
        return isRejected(request) ? accessDenied : pass()
      })
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        hosts: 1,
        env: { AWS_ENDPOINT_URL_S3: proxy.endpoint },
        log: () => undefined,
      })
      await use({
        origin: stack.origin,
        store: {
          takeRequests() {
            const taken = requests
            requests = []
            return taken
          },
          reject: (matches) => {
            isRejected = matches
          },
        },
      })
      await stack.close()
      await proxy.close()
      await removeState(stateDirectory)
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  baseURL: ({ site }, use) => use(site.origin),
})

const accessDenied: StoreResponse = {
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'),
}

/** `LIST users/…/v1/entries/a` or `PUT users/…/v1/trail/a/!deleted.…`. */
function nameOf({ method, url }: StoreRequest): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const prefix = searchParams.get('prefix')
  if (prefix !== null) return `LIST ${prefix}`
  return `${method} ${decodeURIComponent(pathname.split('/').slice(2).join('/'))}`
}

const isTrailItem = (request: string) => /^PUT users\/\w+\/v1\/trail\/a\/\w+\./.test(request)
const isTrailListing = (request: string) => /^LIST users\/\w+\/v1\/trail\/a\/$/.test(request)
const isTombstone = (request: string) => /^PUT users\/\w+\/v1\/trail\/a\/!deleted\./.test(request)

/** Saves `count` crops of one upload by the API. */
async function saveCrops(page: Page, count: number): Promise<void> {
  const uploadId = await upload(page, await portrait())
  for (let x = 0; x < count; x += 1) {
    const crop = await requestCrop(page, uploadId, { area: { x, y: 0, width: 100, height: 100 } })
    const { cropId } = await crop.json()
    const headers = { origin: new URL(page.url()).origin }
    const saved = await page.request.post('/api/images', { data: { uploadId, cropId }, headers })
    expect(saved.status()).toBe(201)
  }
}

test('a save renders the gallery once and no other page', async ({ page, site }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  site.store.takeRequests()
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  await expect(page.getByRole('banner').getByRole('img', { name: 'Your profile photo' })).toBeVisible()
  await page.waitForLoadState('networkidle')
  const requests = site.store.takeRequests()
  // The trail item is the save's last request. A page lists the trail once, for its header and its gallery.
  const sinceSave = requests.slice(requests.findIndex(isTrailItem))
  expect(sinceSave.filter(isTrailListing)).toHaveLength(1)
})

test('S40: pages without data of the store send no request to it, 404 pages included', async ({
  page,
  site,
  witness,
}) => {
  const requestsOf = async (address: string, status: number) => {
    site.store.takeRequests()
    expect((await page.request.get(address)).status(), address).toBe(status)
    // A request after the response would still be one.
    await page.waitForTimeout(300)
    // A host checks every few seconds that the store answers.
    return site.store.takeRequests().filter((request) => !/^LIST incoming\/self-check/.test(request))
  }
  for (const address of ['/', '/upload', '/gallery', '/crop/x', '/nowhere']) {
    expect(await requestsOf(address, address === '/nowhere' ? 404 : 200), `${address}, signed out`).toEqual([])
  }
  await begin(page)
  await saveCrops(page, 1)
  const theirs = `/crop/a${'0'.repeat(26)}`
  for (const address of [
    '/nowhere',
    theirs,
    '/crop/x',
    '/gallery?collection=nothing',
    '/_next/image?url=%2Ficon.svg',
  ]) {
    expect(await requestsOf(address, 404), `${address}, signed in`).toEqual([])
  }
  for (const address of ['/api/nowhere', '/api/images/nothing']) expect(await requestsOf(address, 404)).toEqual([])
  // The photo in the header.
  expect(await requestsOf('/', 200)).toHaveLength(1)

  // It appears again on the page after a 404.
  await page.goto('/nowhere')
  const header = page.getByRole('banner')
  await expect(header.getByRole('img', { name: /initials/i })).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Upload a photo' }).click()
  await expect(header.getByRole('img', { name: 'Your profile photo' })).toBeVisible()
  expectOnly(witness, '404')
})

test('U21: a partly failed bulk deletion keeps the remaining photos selected', async ({ page, site }) => {
  await begin(page)
  await saveCrops(page, 5)
  await page.goto('/gallery')
  await page.getByRole('button', { name: 'Select', exact: true }).click()
  await page.getByRole('button', { name: 'Select all' }).click()
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()

  let tombstones = 0
  site.store.reject((request) => {
    if (!isTombstone(request)) return false
    tombstones += 1
    return tombstones > 2
  })
  const deletions: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') deletions.push(request.url())
  })
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Delete 5 photos' }).click()
  await expect(dialog.getByRole('alert')).toContainText('We could not delete 3 of 5 photos.')
  await expect(dialog.getByRole('heading', { name: 'Delete 3 photos?' })).toBeVisible()
  expect(deletions).toHaveLength(1)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(cards(page)).toHaveCount(3)
  await expect(page.getByRole('status').filter({ hasText: '3 selected' })).toBeVisible()
  expect((await (await page.request.get('/api/images')).json()).images).toHaveLength(3)

  // Now every deletion fails.
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete 3 photos' }).click()
  await expect(dialog.getByRole('alert')).toContainText('We could not delete 3 of 3 photos.')

  site.store.reject(() => false)
  await dialog.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
})
