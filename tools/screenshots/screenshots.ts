import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { projectDirectory } from '@/tools/process/project'
import { runUntilInterrupted } from '@/tools/process/run'
import { findChromium } from '@/tools/stack/find-chromium'
import { startStack } from '@/tools/stack/stack'
import { readOptions } from '@/tools/testing/options'
import { findFreePorts } from '@/tools/testing/ports'
import { composeHero } from './hero'
import { savePhotos } from './photos'
import { takeScreens, themes } from './screens'

const usage = `Usage: npm run screenshots -- [options]

Takes the screenshots of docs/screenshots. Starts a stack with the bundled store, and builds the project first if its
sources have changed.

  --origin URL   take them of a running site in guest mode instead
  -h, --help     show this text`

const directory = join(projectDirectory, 'docs/screenshots')

await runUntilInterrupted(async (signal) => {
  const options = readOptions(
    process.argv.slice(2),
    { origin: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    usage,
  )
  if (options.help) {
    console.log(usage)
    process.exit(0)
  }
  const site = options.origin ? { origin: new URL(options.origin).origin } : await startSite(signal)
  try {
    await takeAll(site.origin, signal)
  } finally {
    if ('close' in site) await site.close()
  }
  process.exit(0)
})

async function takeAll(origin: string, signal: AbortSignal): Promise<void> {
  await mkdir(directory, { recursive: true })
  const { executablePath } = await findChromium()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  // Ends what the browser is doing, and so this run.
  signal.addEventListener('abort', () => void browser.close())
  try {
    const cookie = await savePhotos(origin)
    const screens = await takeScreens(browser, origin, cookie)
    for (const theme of themes) screens[`hero-${theme}`] = await composeHero(screens, theme)
    for (const [name, content] of Object.entries(screens)) {
      await writeFile(join(directory, `${name}.webp`), content)
      console.log(`${name}.webp: ${content.length} bytes`)
    }
  } finally {
    await browser.close()
  }
}

/** Starts a stack of one host with a separate state folder. */
async function startSite(signal: AbortSignal) {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'screenshots-'))
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const stack = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 1,
    log: console.log,
    signal,
  })
  return {
    origin: stack.origin,
    async close() {
      await stack.close()
      await rm(stateDirectory, { recursive: true, force: true })
    },
  }
}
