import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { findViolations } from './find-violations'
import { removeState } from './state'
import { expect, test } from './test'

const logoFile = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><path d="M0 0h120v40H0z"/></svg>'

/** Returns what a page shows of its brand. */
async function brandOf(page: Page) {
  const header = page.getByRole('banner')
  const home = header.getByRole('link').nth(1)
  const logo = header.getByRole('img')
  return {
    title: await page.title(),
    name: await page.locator('meta[property="og:site_name"]').getAttribute('content'),
    home: await home.getAttribute('href'),
    logo:
      (await logo.count()) > 0 && (await logo.evaluate((image: HTMLImageElement) => [image.alt, image.naturalWidth])),
    accent: await header
      .getByRole('link', { name: 'Skip to content' })
      .evaluate((element) => getComputedStyle(element).backgroundColor),
    footer: await page
      .getByRole('contentinfo')
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => [link.textContent, link.getAttribute('href')])),
    icon: await page.locator('link[rel=icon]').evaluate(colourAndSize),
  }
}

/** Draws an icon. @returns the colour beside its mark, and its width. Runs in the page */
async function colourAndSize(link: Element) {
  const image = new Image()
  image.src = (link as HTMLLinkElement).href
  await image.decode()
  const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  context.drawImage(image, 0, 0)
  return [`rgb(${context.getImageData(16, 2, 1, 1).data.slice(0, 3).join(', ')})`, image.naturalWidth]
}

test('U29, U72: two hosts of one build show two brands', async ({ page }) => {
  test.setTimeout(600_000)
  const images = createServer((_, response) => response.setHeader('content-type', 'image/svg+xml').end(logoFile))
  await new Promise<void>((done) => images.listen(0, '127.0.0.1', done))
  const logo = `http://localhost:${(images.address() as AddressInfo).port}/logo.svg`
  const brands: Record<string, Record<string, string>> = {
    'host-1': {
      SITE_NAME: 'Acme Photos',
      SITE_ACCENT: '#ffd400',
      SITE_LOGO: logo,
      SITE_HOME_URL: 'https://acme.example.org/',
      SITE_IMPRINT_URL: 'https://acme.example.org/imprint',
      SITE_PRIVACY_URL: 'https://acme.example.org/privacy',
    },
    'host-2': { SITE_NAME: 'Bolt', SITE_ACCENT: '#7c3aed', SITE_LOGO: '/icon-192.png' },
  }
  const stateDirectory = await mkdtemp(join(tmpdir(), 'brands-'))
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const stack = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 2,
    envOfHost: (name) => brands[name] ?? {},
    log: () => {},
  })
  try {
    const [acme, bolt] = stack.hosts.map((host) => `http://localhost:${host.port}`) as [string, string]
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(acme)
    expect(await brandOf(page)).toEqual({
      title: 'Acme Photos',
      name: 'Acme Photos',
      home: 'https://acme.example.org/',
      logo: ['Acme Photos', 120],
      // Darker than the yellow itself, which is hard to read on white.
      accent: 'rgb(125, 103, 0)',
      footer: [
        ['Choose a photo', '/'],
        ['Imprint', 'https://acme.example.org/imprint'],
        ['Privacy', 'https://acme.example.org/privacy'],
        ['Licences', '/licences.txt'],
      ],
      icon: ['rgb(125, 103, 0)', 32],
    })
    await expect(page.getByRole('contentinfo')).toContainText('Served by host-1')
    expect(await findViolations(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect((await brandOf(page)).accent).toBe('rgb(255, 212, 0)')
    expect(await findViolations(page)).toEqual([])

    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(bolt)
    expect(await brandOf(page)).toEqual({
      title: 'Bolt',
      name: 'Bolt',
      home: '/',
      logo: ['Bolt', 192],
      accent: 'rgb(124, 58, 237)',
      footer: [['Licences', '/licences.txt']],
      icon: ['rgb(124, 58, 237)', 32],
    })
    await expect(page.getByRole('contentinfo')).toContainText('Served by host-2')
    const manifest = await (await page.request.get(`${bolt}/manifest.webmanifest`)).json()
    expect(manifest).toMatchObject({ name: 'Bolt', short_name: 'Bolt', theme_color: '#7c3aed' })

    // A page loads more code some seconds later, and its host is about to be gone.
    await page.goto('about:blank')
    brands['host-2'] = { SITE_LOGO: '/gone.svg' }
    await expect(stack.restartHost('host-2')).rejects.toThrow('host-2 did not start (exit code 1)')
  } finally {
    await stack.close()
    images.close()
    await removeState(stateDirectory)
  }
})
