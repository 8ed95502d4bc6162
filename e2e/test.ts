import { test as base, expect } from 'playwright/test'

/** Records one page's traffic and console errors. */
export interface Witness {
  /** Hosts that served the page's requests, in order. Static files do not count. */
  servedBy: string[]
  /** Size of the largest request body sent to a host, in bytes. */
  largestBodyToHosts: number
  /** Console errors and uncaught exceptions. Must be empty at the end of a test. */
  consoleErrors: string[]
}

/** A test of the app. A console error fails it, as does a request to any origin but the site and its store. */
export const test = base.extend<{ findsFaces: boolean; witness: Witness }>({
  // Otherwise the frame of a portrait moves to the face while a test edits it.
  findsFaces: [false, { option: true }],
  witness: [
    async ({ page, baseURL, findsFaces }, use) => {
      if (!findsFaces) await page.context().addInitScript(withoutFaces)
      const witness: Witness = { servedBy: [], largestBodyToHosts: 0, consoleErrors: [] }
      const strangers: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') witness.consoleErrors.push(`${message.text()} (${message.location().url})`)
      })
      page.on('pageerror', (error) => witness.consoleErrors.push(String(error)))
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (url.protocol.startsWith('http') && url.hostname !== 'localhost') strangers.push(request.url())
        if (url.origin === baseURL) {
          const bytes = request.postDataBuffer()?.length ?? 0
          witness.largestBodyToHosts = Math.max(witness.largestBodyToHosts, bytes)
        }
      })
      page.on('response', (response) => {
        if (new URL(response.url()).origin !== baseURL || response.url().includes('/_next/static/')) return
        const host = response.headers()['x-served-by']
        if (host) witness.servedBy.push(host)
      })
      await use(witness)
      expect(strangers, 'requests to third parties').toEqual([])
      expect(witness.consoleErrors, 'console errors').toEqual([])
    },
    { auto: true },
  ],
})

/** Replaces the worker that finds faces with one that never answers. Runs in the page. */
function withoutFaces(): void {
  class SilentWorker extends EventTarget {
    postMessage(): void {}
    terminate(): void {}
  }
  window.Worker = new Proxy(window.Worker, {
    construct: (worker, [url, options]) => (options?.name === 'face' ? new SilentWorker() : new worker(url, options)),
  })
}

/** Ignores the console errors that contain this text. Any other error still fails the test. */
export function expectOnly(witness: Witness, text: string | RegExp): void {
  witness.consoleErrors = witness.consoleErrors.filter((error) =>
    typeof text === 'string' ? !error.includes(text) : !text.test(error),
  )
}

export { expect }
