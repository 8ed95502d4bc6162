import { expect, test } from './test'

test('has icons, a web manifest, a preview image, robots.txt and licences', async ({ page, request, baseURL }) => {
  await page.goto('/')
  const links = page.locator('link[rel~="icon"], link[rel="apple-touch-icon"], link[rel="manifest"]')
  const linked = await links.evaluateAll((all) => all.map((link) => (link as HTMLLinkElement).href))
  const preview = await page.locator('meta[property="og:image"]').getAttribute('content')
  const manifest = await (await request.get('/manifest.webmanifest')).json()
  const icons = manifest.icons.map(({ src }: { src: string }) => src)

  expect(linked.map((href) => new URL(href).pathname)).toEqual(
    expect.arrayContaining(['/icon.svg', '/apple-touch-icon.png', '/manifest.webmanifest']),
  )
  expect(preview).toBe(`${baseURL}/og.png`)
  expect(new Set(icons)).toEqual(new Set(['/icon-192.png', '/icon-512.png']))
  for (const url of [...linked, preview as string, ...icons, '/favicon.ico']) {
    const response = await request.get(url)
    expect(response.status(), url).toBe(200)
    expect(response.headers()['content-type'], url).toMatch(/^(image|application\/manifest\+json)/)
  }
  expect(await (await request.get('/robots.txt')).text()).toContain('Disallow: /')
  await page.getByRole('contentinfo').getByRole('link', { name: 'Licences' }).click()
  await expect(page).toHaveURL('/licences.txt')
  await expect(page.getByText('libheif')).toBeVisible()
})
