import type { APIResponse, Locator, Page } from 'playwright/test'
import type { Photo } from './photos'
import { expect } from './test'

// The steps of a person who uses the pages.

/** Makes this browser a guest's, before a first upload does. */
export async function signIn(page: Page): Promise<void> {
  // The page may not have opened the site yet.
  const { origin } = new URL((await page.request.get('/livez')).url())
  const answer = await page.request.post('/api/session/guest', { headers: { origin } })
  expect(answer.status()).toBe(204)
}

/** Chooses an account on the page of the development provider. The session there is kept. */
export async function chooseAccount(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Who are you?' })).toBeVisible()
  await page.getByRole('button', { name }).click()
}

/** Ends the session in the account menu, and waits for the start page. */
export async function forgetBrowser(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account menu' }).click()
  await page.getByRole('button', { name: 'Forget this browser' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget this browser' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Account menu' })).toHaveCount(0)
}

/** Opens a collection's upload page as a guest. */
export async function begin(page: Page, collection?: 'covers'): Promise<void> {
  await signIn(page)
  await page.goto(uploadPath(collection))
}

/** Step 1: chooses a file and waits for its crop page. @returns the uploadId */
export async function upload(page: Page, photo: Photo): Promise<string> {
  await page.getByLabel('Choose a photo').setInputFiles(photo)
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  return new URL(page.url()).pathname.split('/')[2] as string
}

/** Loads the editor's code, as any movement on the page does: a file of a wrong type is rejected by it. */
export async function loadEditor(page: Page): Promise<void> {
  const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }
  await page.getByLabel('Choose a photo').setInputFiles(file)
  await expect(alertSaying(page, 'notes.txt')).toBeVisible()
}

export async function editorReady(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: /^Crop your (photo|cover)$/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Preview' })).toBeEnabled()
}

/** Step 2: opens the preview of the crop. @returns the cropId */
export async function apply(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await expect.poll(() => new URL(page.url()).searchParams.get('crop')).not.toBeNull()
  return new URL(page.url()).searchParams.get('crop') as string
}

/** Step 3: saves the crop and waits for the gallery. */
export async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Save (photo|cover)$/ }).click()
  await page.waitForURL(/\/gallery/)
  await expect(page.getByRole('heading', { name: /^Your (photos|covers)$/ })).toBeVisible()
}

/** All three steps. */
export async function addPhoto(page: Page, photo: Photo, collection?: 'covers'): Promise<void> {
  await page.goto(uploadPath(collection))
  await upload(page, photo)
  await apply(page)
  await save(page)
}

/** Steps 2 and 3, starting on the crop page. */
export async function finish(page: Page): Promise<void> {
  await editorReady(page)
  await apply(page)
  await save(page)
  await expect(cards(page).first()).toContainText('In use')
}

/** Drops or pastes a file on the page, as the browser does. */
export async function transfer(page: Page, type: 'drop' | 'paste', photo: Photo): Promise<void> {
  await page.evaluate(
    ([type, data]) => {
      const init = { bubbles: true, cancelable: true }
      const event =
        type === 'paste'
          ? new ClipboardEvent(type, { ...init, clipboardData: data })
          : new DragEvent(type, { ...init, dataTransfer: data })
      document.body.dispatchEvent(event)
      // The browser would leave the page and open the file.
      if (!event.defaultPrevented) throw new Error(`nothing handled ${type}`)
    },
    [type, await dataOf(page, photo)] as const,
  )
}

/** Holds a file over the page, as a drag does: its events repeat. @returns stops them, without a leave or a drop */
export async function holdOver(page: Page, photo: Photo): Promise<() => Promise<void>> {
  const timer = await page.evaluate(
    (data) => {
      const send = (type: string) =>
        document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }))
      send('dragenter')
      return window.setInterval(() => send('dragover'), 350)
    },
    await dataOf(page, photo),
  )
  return () => page.evaluate((timer) => clearInterval(timer), timer)
}

const dataOf = (page: Page, { buffer, name, mimeType }: Photo) =>
  page.evaluateHandle(
    ([base64, name, mimeType]) => {
      const transfer = new DataTransfer()
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      transfer.items.add(new File([bytes], name, { type: mimeType }))
      return transfer
    },
    [buffer.toString('base64'), name, mimeType] as const,
  )

/** Requests a crop from the API as this person. */
export function requestCrop(page: Page, uploadId: string, more: Record<string, unknown> = {}): Promise<APIResponse> {
  return page.request.post('/api/crop', {
    data: { uploadId, area: { x: 0, y: 0, width: 10, height: 10 }, ...more },
    headers: { origin: new URL(page.url()).origin },
  })
}

/** Returns the alert with this text. Next's own alert is empty. */
export function alertSaying(page: Page, text: string) {
  return page.getByRole('alert').filter({ hasText: text })
}

/**
 * Moves the page's clock forward until the assertion passes, to skip the page's waits between retries.
 * Needs `page.clock.install()` before the page opens. The assertion must fail fast.
 */
export async function skipWaits(page: Page, assertion: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward('00:05')
    await assertion()
  }).toPass({ timeout: 60_000 })
}

/** Records every text of the upload's progress bar from now on. @returns a function that returns them, one per line */
export async function watchProgress(page: Page): Promise<() => Promise<string>> {
  const recorded = await page.evaluateHandle(() => {
    const texts: string[] = []
    new MutationObserver(() => {
      const text = document.querySelector('[role=progressbar]')?.getAttribute('aria-valuetext')
      if (text && text !== texts.at(-1)) texts.push(text)
    }).observe(document, { subtree: true, childList: true, attributes: true })
    return texts
  })
  return () => recorded.evaluate((texts) => texts.join('\n'))
}

/** Returns the gallery's photos: the one in use, then the newest. */
export function cards(page: Page) {
  return page.getByRole('list', { name: /^Your (photos|covers)$/ }).getByRole('listitem')
}

/** Opens a photo of the gallery. @returns its sheet */
export async function openPhoto(page: Page, at = 0): Promise<Locator> {
  await cards(page).nth(at).getByRole('button').first().click()
  return page.getByRole('dialog')
}

/** Deletes a photo of the gallery without the wait for Undo. */
export async function deletePhoto(page: Page, at = 0): Promise<void> {
  await (await openPhoto(page, at)).getByRole('button', { name: /^Delete/ }).click()
  const answer = page.waitForResponse('**/api/images/delete')
  await page.getByRole('button', { name: /^Undo/ }).press('Escape')
  await answer
}

const uploadPath = (collection?: string) => (collection ? `/upload?collection=${collection}` : '/upload')
