import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { createChildren } from '@/tools/process/child-process'
import { startBalancer } from '@/tools/stack/bundled-balancer'
import { findChromium } from '@/tools/stack/find-chromium'
import { ApiClient } from '@/tools/testing/api-client'
import { squareArea } from '../crops'
import type { Bench } from '../figure'
import { cropWhenFree } from '../person'
import { type Photo, photoUpload } from '../photos'
import { startEmptyApp } from './empty-app'

export const photo: Photo = { megapixels: 1, format: 'jpg' }

/** The screens of a person who has a few photos, and an upload to crop. */
export interface Visit {
  origin: string
  /** Starts the empty app. @returns the URL of its page */
  startEmpty: () => Promise<string>
  browser: Browser
  browserPath: string
  /** The session, as a `Cookie` header. */
  cookie: string
  /** The path of each screen by its name in figures. */
  screens: { name: 'front' | 'upload' | 'crop' | 'gallery'; path: string }[]
  children: ReturnType<typeof createChildren>
  /** Opens a page without cached files. @param isSignedIn false: a new visitor */
  withPage<T>(isSignedIn: boolean, use: (page: Page, context: BrowserContext) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Starts a host at the site's origin and a browser, and saves photos of a new guest. */
export async function startVisit(bench: Bench): Promise<Visit> {
  const site = await bench.site()
  const { origin } = site
  const host = await site.startHost()
  const port = Number(new URL(origin).port)
  const balancer = await startBalancer({ port, hosts: [{ name: 'host', port: host.port }], log: bench.log })
  const children = createChildren()
  const emptyDirectory = await mkdtemp(join(tmpdir(), 'empty-app-'))
  const { executablePath } = await findChromium()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const close = async () => {
    await browser.close()
    await children.end()
    await rm(emptyDirectory, { recursive: true, force: true })
    await balancer.close()
    await host.end()
  }
  try {
    const person = await ApiClient.signIn({ origin })
    for (const index of [0, 1, 2]) {
      const uploadId = await person.upload(await photoUpload(photo))
      const { cropId } = await cropWhenFree(person, { uploadId, area: squareArea(photo, index) })
      await person.save({ uploadId, cropId })
    }
    const uploadId = await person.upload(await photoUpload(photo))
    const { cookie } = person
    return {
      origin,
      startEmpty: () => startEmptyApp(emptyDirectory, children),
      browser,
      browserPath: executablePath,
      cookie,
      screens: [
        { name: 'front', path: '/' },
        { name: 'upload', path: '/upload' },
        { name: 'crop', path: `/crop/${uploadId}` },
        { name: 'gallery', path: '/gallery' },
      ],
      children,
      async withPage(isSignedIn, use) {
        // A phone's size: the mobile figures of Lighthouse use it too.
        const context = await browser.newContext({ viewport: { width: 412, height: 823 }, locale: 'en-GB' })
        if (isSignedIn) await context.addCookies(toCookies(cookie, origin))
        try {
          return await use(await context.newPage(), context)
        } finally {
          await context.close()
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function toCookies(header: string, url: string): { name: string; value: string; url: string }[] {
  return header.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url }
  })
}
