import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright'
import { findChromium } from '@/tools/stack/find-chromium'
import { type Choices, choicesOf } from './choices'
import { Stuck, stuckAfterMs } from './client'
import type { Account, Upload } from './ledger'
import { Person } from './person'
import { drawPicture, recipeOf } from './pictures'
import { Session, type World } from './session'

/** How long a person waits for a page, in milliseconds, before they press again or reload. */
const patienceMs = 15_000
/** The pause after each save, in milliseconds. It is long, as a browser costs as much CPU as a host. */
const pauseMs = [30_000, 90_000] as const
const collection = 'avatars'

/** Lets people save pictures in a real browser until `isOver`. @param concurrency people at a time */
export async function browseUntil(
  isOver: () => boolean,
  world: World,
  seed: number,
  concurrency: number,
): Promise<void> {
  if (concurrency === 0) return
  const { executablePath } = await findChromium()
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
  const browser = await chromium.launch({ executablePath, args })
  let visits = 0
  const visitInTurn = async () => {
    while (!isOver()) {
      visits += 1
      // Without a graphics card animations cost CPU.
      const context = await browser.newContext({ baseURL: world.origin, locale: 'en-GB', reducedMotion: 'reduce' })
      await visit(world, choicesOf(seed, `browser ${visits}`), await context.newPage(), isOver)
      await context.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, visitInTurn))
  } finally {
    await browser.close()
  }
}

/** One person with a browser signs in, saves a few pictures, and leaves. */
async function visit(world: World, choices: Choices, page: Page, isOver: () => boolean): Promise<void> {
  let account: Account | undefined
  try {
    account = await signIn(world, choices, page)
    for (let left = choices.whole(2, 5); left > 0 && !isOver(); left -= 1) {
      await savePicture(world, account, choices, page)
      await sleep(choices.between(...pauseMs))
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    const stuck = account ?? world.ledger.open('')
    stuck.addFinding('stuck', error.message)
  }
}

async function signIn(world: World, choices: Choices, page: Page): Promise<Account> {
  const subject = world.nextSubject?.() ?? null
  await persist('sign in', world, page, page.getByLabel('Choose a photo'), async () => {
    await page.goto('/upload')
    if (subject === null) await page.request.post('/api/session/guest', { headers: { origin: world.origin } })
    else await chooseAccount(page, subject)
  })
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  // A try without a response may still write another epoch.
  return new Session(world, choices, { cookie: cookies, subject, mayEnd: subject !== null, ended: [] }).openAccount()
}

/** Signs in on the page of the provider, which has no button for this account. */
async function chooseAccount(page: Page, subject: string): Promise<void> {
  const button = page.locator('button[name=person]').first()
  await button.evaluate((element, value) => element.setAttribute('value', value), subject)
  await button.click()
}

/** Takes all three steps through the pages. After a failure the person uses the page's own retry, or reloads. */
async function savePicture(world: World, account: Account, choices: Choices, page: Page): Promise<void> {
  const code = choices.whole(0, 2 ** 40)
  const buffer = await drawPicture(collection, code, 'image/png')
  const again = page.getByRole('button', { name: 'Try again' })
  const apply = page.getByRole('button', { name: 'Preview' })

  await persist('upload', world, page, page.locator('[data-editor=stored]'), async () => {
    if (await again.isVisible()) return again.click()
    if (/\/crop\/\w/.test(page.url())) return void (await page.reload())
    await page.goto('/upload')
    await page.getByLabel('Choose a photo').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer })
  })
  const uploadId = new URL(page.url()).pathname.split('/')[2] as string
  const upload = account.issue(uploadId, collection, code)
  account.log(`uploads ${code} as ${uploadId}, in a browser`)

  const frame = { column: choices.whole(0, 2), row: choices.whole(0, 2), isFlipped: false }
  const { x, y, width, height } = recipeOf(collection, frame).area
  await persist('crop', world, page, page.getByRole('heading', { name: 'How it will look' }), async () => {
    await page.goto(`/crop/${uploadId}?area=${[x, y, width, height]}`)
    await apply.click()
  })
  const cropId = await cropInAddress(page)
  upload.frames.set(cropId, frame)
  account.log(`crops ${uploadId} at ${frame.column},${frame.row}: ${cropId}`)

  await saveInBrowser(world, account, upload, cropId, page)
  await new Person(world, choices, account).openGallery(collection)
}

async function saveInBrowser(
  world: World,
  account: Account,
  upload: Upload,
  cropId: string,
  page: Page,
): Promise<void> {
  const save = page.getByRole('button', { name: /^Save (photo|cover)$/ })
  const image = account.requestSave(upload, { cropId, keepsOriginal: true })
  // The card may not be the first one: while the store reports a wrong time, ids sort by that time.
  const card = page.locator(`#photo-${image.imageId}`)
  const tries = await persist('save', world, page, card.getByText('In use', { exact: true }), async () => {
    if (page.url().includes('/gallery')) return void (await page.reload())
    if (await save.isVisible()) return save.click()
    await page.reload()
  })
  account.log(`saves ${image.imageId} (crop ${cropId}), in a browser, in ${tries} tries`)
  account.confirmSave(image, true, Date.now())
  world.tally.flows += 1
}

async function cropInAddress(page: Page): Promise<string> {
  await page.waitForURL((url) => url.searchParams.has('crop'))
  return new URL(page.url()).searchParams.get('crop') as string
}

/**
 * Repeats an action on a page until its goal is visible.
 * @returns the number of tries
 * @throws Stuck after `stuckAfterMs`
 */
async function persist(
  step: string,
  { tally }: World,
  page: Page,
  goal: ReturnType<Page['locator']>,
  act: () => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now()
  page.setDefaultTimeout(patienceMs)
  for (let tries = 1; ; tries += 1) {
    const failure = await act()
      .then(() => goal.waitFor({ timeout: patienceMs }))
      .catch((error: Error) => error)
    if (!failure) {
      tally.step(`${step}, in a browser`, performance.now() - startedAt)
      return tries
    }
    tally.retry('browser')
    if (performance.now() - startedAt > stuckAfterMs) {
      const shown = await page
        .locator('body')
        .innerText()
        .catch(() => 'nothing')
      throw new Stuck(`${step} in a browser, ${tries} tries, at ${page.url()}: ${failure.message}\n${shown}`)
    }
    await sleep(500)
  }
}
