import type { Page } from 'playwright/test'
import { storeOrigin } from './addresses'

/** Holds uploads to the store back. @returns lets them through */
export async function holdUploads(page: Page): Promise<() => Promise<void>> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const isStore = (url: URL) => url.origin === storeOrigin
  await page.route(isStore, async (route) => {
    if (route.request().method() === 'POST') await released
    await route.continue().catch(() => undefined)
  })
  return async () => {
    release()
    await page.unroute(isStore)
  }
}

/** Limits the network, so that an upload of the photo `variety.phone()` takes about three seconds. */
export async function slowNetwork(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  const limit = (uploadThroughput: number) =>
    session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    })
  await limit(250_000)
  return async () => {
    await limit(-1)
  }
}
