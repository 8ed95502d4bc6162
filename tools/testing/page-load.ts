import type { Page } from 'playwright'

/** What a browser loads and shows of a page before any interaction. */
export interface PageLoad {
  /** The scripts by path, largest first, with their bytes as sent: compressed, without headers. */
  scripts: { path: string; bytes: number }[]
  scriptBytes: number
  /** The bytes of the document as sent. */
  htmlBytes: number
  /** Cumulative layout shift. */
  layoutShift: number
  /** Largest contentful paint, in milliseconds from the start of the navigation. */
  largestPaintMs: number
}

/** Opens an address in a page whose context has no cached files, and waits until the network is idle. */
export async function measurePageLoad(page: Page, url: string): Promise<PageLoad> {
  await page.goto(url, { waitUntil: 'networkidle' })
  const resources = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((entry) => ({
      path: new URL(entry.name).pathname,
      bytes: (entry as PerformanceResourceTiming).encodedBodySize,
    })),
  )
  const [document] = resources
  // A script that is preloaded, then executed, may have two entries.
  const bytesOf = new Map(resources.filter(({ path }) => path.endsWith('.js')).map(({ path, bytes }) => [path, bytes]))
  const scripts = [...bytesOf].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => b.bytes - a.bytes)
  const shifts = await entriesOf(page, 'layout-shift')
  const paints = await entriesOf(page, 'largest-contentful-paint')
  return {
    scripts,
    scriptBytes: scripts.reduce((sum, { bytes }) => sum + bytes, 0),
    htmlBytes: document?.bytes ?? 0,
    layoutShift: shifts.reduce((sum, { value }) => sum + value, 0),
    largestPaintMs: paints.at(-1)?.startTime ?? 0,
  }
}

/** Returns the entries of a type that only observers get. */
function entriesOf(page: Page, type: string): Promise<{ value: number; startTime: number }[]> {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().map((entry) => entry.toJSON()))).observe({
          type: wanted,
          buffered: true,
        })
        // A page without a layout shift has no entry.
        setTimeout(() => resolve([]), 500)
      }),
    type,
  )
}
