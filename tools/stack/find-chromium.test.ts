import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ChromiumSources, findChromium } from './find-chromium'

// Generous, for machines that are busy with something else.
vi.setConfig({ testTimeout: 60_000 })

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chromium-'))
})

afterEach(() => rm(directory, { recursive: true }))

async function writeBrowser(name: string, script = 'echo Chromium 131.0.6778.85'): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  return file
}

function sources(overrides: Partial<ChromiumSources> = {}): ChromiumSources {
  return { env: {}, places: async () => [], installers: [], ...overrides }
}

describe.skipIf(process.platform === 'win32')('finding a Chromium', () => {
  test('CHROMIUM_PATH comes first', async () => {
    const executablePath = await writeBrowser('mine')
    const other = await writeBrowser('other')
    const places = async () => [{ executablePath: other, how: 'installed on this machine' }]

    expect(await findChromium(sources({ env: { CHROMIUM_PATH: executablePath }, places }))).toEqual({
      executablePath,
      found: `Chromium 131.0.6778.85 at ${executablePath}, named by CHROMIUM_PATH.`,
    })
  })

  test('a CHROMIUM_PATH that does not run is an error, not a reason to look elsewhere', async () => {
    const places = async () => [{ executablePath: await writeBrowser('other'), how: 'installed on this machine' }]

    await expect(findChromium(sources({ env: { CHROMIUM_PATH: '/nowhere' }, places }))).rejects.toThrow(
      'CHROMIUM_PATH names /nowhere, which does not run',
    )
  })

  test('a browser that lacks a library is passed over for one that runs', async () => {
    const broken = await writeBrowser('broken', 'echo "error while loading shared libraries" >&2; exit 127')
    const working = await writeBrowser('working')
    const places = async () => [
      { executablePath: join(directory, 'missing'), how: 'downloaded by Playwright' },
      { executablePath: broken, how: 'downloaded by Playwright' },
      { executablePath: working, how: 'installed on this machine' },
    ]

    const { executablePath, found } = await findChromium(sources({ places }))

    expect(executablePath).toBe(working)
    expect(found).toContain('installed on this machine')
  })

  test('where none is, the installers are tried one after the other, and the sentence says which it was', async () => {
    const executablePath = join(directory, 'installed')
    const places = async () => [{ executablePath, how: 'installed on this machine' }]
    const installers = [
      { how: 'Playwright', install: async () => Promise.reject(new Error('no internet')) },
      { how: 'apt-get', install: async () => void (await writeBrowser('installed')) },
    ]

    const found = await findChromium(sources({ places, installers }))

    expect(found.executablePath).toBe(executablePath)
    expect(found.found).toMatch(/installed just now by apt-get\.$/)
  })

  test('when nothing helps, a sentence says what to do, and the attempts are kept', async () => {
    const installers = [{ how: 'Playwright', install: async () => Promise.reject(new Error('no internet')) }]

    await expect(findChromium(sources({ installers }))).rejects.toMatchObject({
      message: expect.stringContaining('install one'),
      output: 'Playwright: no internet',
    })
  })
})
