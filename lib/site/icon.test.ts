import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accentShades } from './accent'
import { iconUrl } from './icon'

const site = (accent?: string) => ({ accent }) as Parameters<typeof iconUrl>[0]

test('U72: the icon has the accent of the deployment in all its colours', async () => {
  expect(await iconUrl(site(), '.')).toBe('/icon.svg')
  const svg = decodeURIComponent(await iconUrl(site('#7c3aed'), '.'))
  const { light, dark } = accentShades('#7c3aed')
  expect(svg.match(/#\w+/g)).toEqual([light.accent, '#fff', dark.accent])
})

test('an icon that replaces the file keeps its colours', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'icon-'))
  try {
    await mkdir(join(directory, 'public'))
    await writeFile(join(directory, 'public/icon.svg'), '<svg fill="#123456"/>')
    expect(decodeURIComponent(await iconUrl(site('#7c3aed'), directory))).toContain('<svg fill="#123456"/>')
  } finally {
    await rm(directory, { recursive: true })
  }
})
