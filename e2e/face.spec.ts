import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright/test'
import sharp from 'sharp'
import type { Area } from '@/lib/images/schema'
import { apply, loadEditor, upload } from './person'
import type { Photo } from './photos'
import { expect, expectOnly, test } from './test'

test.use({ findsFaces: true })

/** The middle of the face in `personAtTheEdge`. */
const face = { x: 1335, y: 427 }

/** Creates a wide photo with a person near its right edge. */
async function personAtTheEdge(): Promise<Photo> {
  const portrait = fileURLToPath(new URL('./samples/portrait.jpg', import.meta.url))
  const wall = sharp({ create: { width: 1600, height: 900, channels: 3, background: '#8a8f8c' } })
  const buffer = await wall
    .composite([{ input: portrait, left: 1150, top: 300 }])
    .jpeg()
    .toBuffer()
  return { name: 'person-at-the-edge.jpg', mimeType: 'image/jpeg', buffer }
}

/** The crop without a face: the largest square of the photo. */
const withoutFace = { x: 350, y: 0, width: 900, height: 900 }

/** Applies the crop. @returns the area that the page sends */
async function appliedArea(page: Page): Promise<Area> {
  const sent = page.waitForRequest((request) => request.url().endsWith('/api/crop'))
  await apply(page)
  return (await sent).postDataJSON().area
}

function expectFace({ x, y, width, height }: Area): void {
  expect(Math.hypot(face.x - x - width / 2, face.y - y - height / 2), 'distance of the face').toBeLessThan(width / 4)
  expect(width).toBeGreaterThan(150)
  expect(width).toBeLessThan(600)
}

const fitFace = (page: Page) => page.getByRole('button', { name: 'Fit face' })

test('U50, S24: the photo opens on its face, found in a worker that alone may compile WebAssembly', async ({
  page,
}) => {
  const pagePolicies: string[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'document') return
    pagePolicies.push(response.headers()['content-security-policy'] ?? '')
  })
  const started = page.waitForEvent('worker')
  await page.goto('/')
  await upload(page, await personAtTheEdge())
  await expect(fitFace(page)).toBeVisible()

  expectFace(await appliedArea(page))
  expect(pagePolicies.length).toBeGreaterThan(0)
  for (const policy of pagePolicies) expect(policy).not.toContain('wasm')
  const script = (await started).url().split('#')[0] as string
  const policy = (await page.request.get(script)).headers()['content-security-policy']
  expect(policy).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
})

test('U51: a face that is found later does not move a frame that the person has moved', async ({ page }) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/\/blazeface\..*\.bin$/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto('/')
  await upload(page, await personAtTheEdge())
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Zoom out' }).click()
  release()
  await expect(fitFace(page)).toBeVisible()

  expect(await appliedArea(page)).toEqual(withoutFace)
  await page.getByRole('button', { name: 'Back to editing' }).click()
  await fitFace(page).click()
  expectFace(await appliedArea(page))
})

test('U52: without the worker, the photo opens as if it had no face', async ({ page, witness }) => {
  await page.route(/turbopack-worker/, (route) => route.abort())
  const refused = page.waitForEvent('requestfailed', (request) => request.url().includes('turbopack-worker'))
  await page.goto('/')
  await upload(page, await personAtTheEdge())
  await refused

  expect(await appliedArea(page)).toEqual(withoutFace)
  await expect(fitFace(page)).toHaveCount(0)
  expectOnly(witness, 'net::ERR_FAILED')
})

test('U53: pages load nothing of the face detection before a photo shows', async ({ page }) => {
  const requests: string[] = []
  const scripts: Promise<string>[] = []
  page.on('response', (response) => {
    requests.push(response.url())
    if (response.request().resourceType() === 'script') scripts.push(response.text())
  })
  const faceScripts = async () => (await Promise.all(scripts)).filter((text) => /name:"face"/.test(text)).length
  for (const path of ['/gallery', '/']) {
    await page.goto(path)
    await page.waitForLoadState('networkidle')
  }
  await loadEditor(page)
  expect(requests.filter((url) => /blazeface|tfjs|worker/.test(url))).toEqual([])
  expect(await faceScripts(), 'scripts that start the worker').toBe(0)

  await upload(page, await personAtTheEdge())
  await expect(fitFace(page)).toBeVisible()
  expect(requests.filter((url) => /blazeface|tfjs|worker/.test(url))).not.toEqual([])
  expect(await faceScripts()).toBe(1)
})
