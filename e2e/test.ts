import { test as base, expect } from 'playwright/test'

/** What one browser page was told by the hosts and the store. */
export interface Witness {
  /** Hosts that served documents, data, actions and routes, in order. */
  servedBy: string[]
  /** Bytes of bodies sent to the hosts, by the largest. */
  largestBodyToHosts: number
  /** Console errors and uncaught exceptions; an empty list at the end, unless a test expects some. */
  complaints: string[]
}

/** A test of the app: a console error fails it, as do requests to anyone but the site and its store. */
export const test = base.extend<{ witness: Witness }>({
  witness: [
    async ({ page, baseURL }, use) => {
      const witness: Witness = { servedBy: [], largestBodyToHosts: 0, complaints: [] }
      const strangers: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') witness.complaints.push(`${message.text()} (${message.location().url})`)
      })
      page.on('pageerror', (error) => witness.complaints.push(String(error)))
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
      expect(witness.complaints, 'console errors').toEqual([])
    },
    { auto: true },
  ],
})

/** Takes the console errors that a test provokes, each of which bears this text. Any other one still fails it. */
export function expectOnly(witness: Witness, text: string): void {
  witness.complaints = witness.complaints.filter((complaint) => !complaint.includes(text))
}

export { expect }
