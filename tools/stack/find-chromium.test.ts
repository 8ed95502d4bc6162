import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ChromiumSources, findChromium } from './find-chromium'

// Long enough for a busy machine.
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

describe.skipIf(process.platform === 'win32')('findChromium', () => {
  test('uses CHROMIUM_PATH before any other browser', async () => {
    const executablePath = await writeBrowser('mine')
    const other = await writeBrowser('other')
    const places = async () => [{ executablePath: other, how: 'installed on this machine' }]

    expect(await findChromium(sources({ env: { CHROMIUM_PATH: executablePath }, places }))).toEqual({
      executablePath,
      description: `Chromium 131.0.6778.85 at ${executablePath}, set by CHROMIUM_PATH.`,
    })
  })

  test('fails if the browser at CHROMIUM_PATH does not run', async () => {
    const places = async () => [{ executablePath: await writeBrowser('other'), how: 'installed on this machine' }]

    await expect(findChromium(sources({ env: { CHROMIUM_PATH: '/nowhere' }, places }))).rejects.toThrow(
      'CHROMIUM_PATH is /nowhere, which does not run',
    )
  })

  test('skips a browser that lacks a library', async () => {
    const broken = await writeBrowser('broken', 'echo "error while loading shared libraries" >&2; exit 127')
    const working = await writeBrowser('working')
    const places = async () => [
      { executablePath: join(directory, 'missing'), how: 'downloaded by Playwright' },
      { executablePath: broken, how: 'downloaded by Playwright' },
      { executablePath: working, how: 'installed on this machine' },
    ]

    const { executablePath, description } = await findChromium(sources({ places }))

    expect(executablePath).toBe(working)
    expect(description).toContain('installed on this machine')
  })

  test('tries the installers in order if no browser runs, and names the one that worked', async () => {
    const executablePath = join(directory, 'installed')
    const places = async () => [{ executablePath, how: 'installed on this machine' }]
    const installers = [
      { how: 'Playwright', install: async () => Promise.reject(new Error('no internet')) },
      { how: 'apt-get', install: async () => void (await writeBrowser('installed')) },
    ]

    const chromium = await findChromium(sources({ places, installers }))

    expect(chromium.executablePath).toBe(executablePath)
    expect(chromium.description).toMatch(/installed just now by apt-get\.$/)
  })

  test('fails with a fix and the list of attempts if no installer works', async () => {
    const installers = [{ how: 'Playwright', install: async () => Promise.reject(new Error('no internet')) }]

    await expect(findChromium(sources({ installers }))).rejects.toMatchObject({
      message: expect.stringContaining('Install one'),
      output: 'Playwright: no internet',
    })
  })
})
