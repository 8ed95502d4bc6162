import type { Page } from 'playwright'
import { photoFile } from '../photos'
import type { Visit } from './visit'

/** As Lighthouse slows a phone's processor. */
const slowdown = 4

export const interactions = ['choose', 'pan', 'zoom', 'save'] as const
export type Interaction = (typeof interactions)[number]

declare global {
  interface Window {
    /** The longest time from an input event to the frame after it, since the last reset. */
    longestInputMs: number
  }
}

/**
 * Chooses a photo of 12 MP on the first page, pans and zooms it, and presses save, on a slow processor.
 * @returns the longest time in milliseconds from an input event of each interaction to the frame that follows it
 */
export function timeInteractions(visit: Visit): Promise<Record<Interaction, number>> {
  return visit.withPage(false, async (page, context) => {
    await page.addInitScript(watchInput)
    await page.goto(visit.origin, { waitUntil: 'networkidle' })
    const devTools = await context.newCDPSession(page)
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    const file = await photoFile({ megapixels: 12, format: 'jpg' })

    const choose = await longestInput(page, async () => {
      await page.locator('input[type=file]').first().setInputFiles(file)
      await stage(page).waitFor()
    })
    const save = page.getByRole('button', { name: /^Save photo/ })
    // The editor is ready, and the upload, which takes a processor's time too, has ended.
    await page.waitForURL(/\/crop\/./)
    await page.waitForLoadState('networkidle')

    const box = await stage(page).boundingBox()
    if (!box) throw new Error('the editor shows no picture')
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const pan = await longestInput(page, async () => {
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.mouse.move(x + 40, y + 20, { steps: 8 })
      await page.mouse.up()
    })
    const zoom = await longestInput(page, async () => {
      for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, -100)
    })
    const saved = await longestInput(page, () => save.click())
    return { choose, pan, zoom, save: saved }
  })
}

/** The picture in the editor, by the mark of react-easy-crop. */
function stage(page: Page) {
  return page.getByTestId('container')
}

async function longestInput(page: Page, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    window.longestInputMs = 0
  })
  await act()
  // Two frames, so that the last event is counted.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  )
  return page.evaluate(() => window.longestInputMs)
}

/** Runs in the page. Event Timing leaves out moves and wheels, so it measures every event in the same way. */
function watchInput(): void {
  window.longestInputMs = 0
  for (const type of ['pointerdown', 'pointermove', 'pointerup', 'click', 'wheel', 'change']) {
    addEventListener(
      type,
      ({ timeStamp }) => {
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          // The first task after the frame.
          port1.onmessage = () => {
            window.longestInputMs = Math.max(window.longestInputMs, performance.now() - timeStamp)
          }
          port2.postMessage(null)
        })
      },
      { capture: true, passive: true },
    )
  }
}
