import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright/test'
import { projectDirectory } from '@/tools/process/project'
import { ApiClient } from '@/tools/testing/api-client'
import { measurePageLoad } from '@/tools/testing/page-load'
import { siteOrigin } from './addresses'
import { portrait } from './photos'
import { expect, test } from './test'

/** The bytes of scripts that a screen may load before any interaction, beyond an empty app's (docs/performance.md). */
const budget = 40_000
/** The bytes that an empty app loads beside the framework's files (`npm run bench -- --only screens`). */
const emptyAppBytes = 2_200

test('U28: each screen loads few scripts before any interaction', async ({ browser }) => {
  const person = await ApiClient.signIn({ origin: siteOrigin })
  const uploadId = await person.upload(await portrait())
  const { rootMainFiles } = readBuild('build-manifest.json') as { rootMainFiles: string[] }
  for (const path of ['/', '/upload', `/crop/${uploadId}`, '/gallery']) {
    const { scripts } = await visit(browser, person.cookie, (page) => measurePageLoad(page, siteOrigin + path))
    const isFramework = ({ path: script }: { path: string }) => rootMainFiles.includes(script.replace('/_next/', ''))
    expect(scripts.filter(isFramework), path).toHaveLength(rootMainFiles.length)
    const own = scripts.filter((script) => !isFramework(script))
    const bytes = own.reduce((sum, script) => sum + script.bytes, 0) - emptyAppBytes
    expect(bytes, `${path}: ${own.map((script) => `${script.path} ${script.bytes}`).join(', ')}`).toBeLessThan(budget)
  }
})

test('no script for browsers contains zod', () => {
  const scripts = readdirSync(buildPath('static'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  )
  expect(scripts.length).toBeGreaterThan(5)
  expect(
    scripts.filter((file) => /ZodError|\$ZodType/.test(readFileSync(buildPath(`static/${file}`), 'utf8'))),
  ).toEqual([])
})

test('U28: a crop page preloads its picture', async ({ request }) => {
  const person = await ApiClient.signIn({ origin: siteOrigin })
  const uploadId = await person.upload(await portrait())
  const page = await request.get(`/crop/${uploadId}`, { headers: { cookie: person.cookie } })
  expect(await page.text()).toMatch(new RegExp(`<link rel="preload" as="image" href="[^"]*/${uploadId}[?"]`))
})

/** Opens a page without cached files as this person. */
async function visit<T>(browser: Browser, cookie: string, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext()
  const [name = '', value = ''] = cookie.split(/=(.*)/s)
  await context.addCookies([{ name, value, url: siteOrigin }])
  try {
    return await use(await context.newPage())
  } finally {
    await context.close()
  }
}

const buildPath = (path: string) => join(projectDirectory, '.next', path)

function readBuild(path: string): unknown {
  return JSON.parse(readFileSync(buildPath(path), 'utf8'))
}
