import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright'
import { errorCode, UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'

const run = promisify(execFile)
const installWithinMilliseconds = 5 * 60_000
const versionWithinMilliseconds = 20_000

// The headless shell is the same engine without windows; it needs two thirds of the processor time.
const commandNames = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]
const debianPackage = 'chromium-headless-shell'
const standardPaths: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

/** A browser that runs. */
interface FoundChromium {
  executablePath: string
  /** A sentence with its version, its path and how it was found or installed. */
  description: string
}

/** Where to look for a browser and how to install one. Tests pass their own. */
export interface ChromiumSources {
  env: Record<string, string | undefined>
  places: () => Promise<{ executablePath: string; how: string }[]>
  installers: { how: string; install: () => Promise<void> }[]
}

/**
 * Finds a Chromium that runs: the one at `CHROMIUM_PATH`, Playwright's, or the system's. Otherwise installs one with
 * Playwright, or as root with apt. Skips a browser that is installed but does not start, for example without a library.
 * @throws UserError that says how to install one
 */
export async function findChromium(sources: ChromiumSources = thisMachine()): Promise<FoundChromium> {
  const { CHROMIUM_PATH: path } = sources.env
  if (path) {
    const version = await versionOf(path)
    if (version) return { executablePath: path, description: `${version} at ${path}, set by CHROMIUM_PATH.` }
    throw new UserError(`CHROMIUM_PATH is ${path}, which does not run. Set it to a Chromium or Chrome, or unset it.`)
  }

  const present = await findRunning(await sources.places())
  if (present) return present

  const attempts: string[] = []
  for (const { how, install } of sources.installers) {
    try {
      await install()
    } catch (error) {
      attempts.push(`${how}: ${error instanceof Error ? error.message : error}`)
      continue
    }
    const installed = await findRunning(await sources.places())
    if (installed) return { ...installed, description: `${installed.description} It was installed just now by ${how}.` }
    attempts.push(`${how}: the browser it installed does not run`)
  }
  throw new UserError(
    `The tests need Chromium. Install one (on Debian: \`apt-get install ${debianPackage}\`), or set CHROMIUM_PATH.`,
    attempts.join('\n'),
  )
}

async function findRunning(places: { executablePath: string; how: string }[]): Promise<FoundChromium | null> {
  for (const { executablePath, how } of places) {
    const version = await versionOf(executablePath)
    if (version) return { executablePath, description: `${version} at ${executablePath}, ${how}.` }
  }
  return null
}

/** Returns the name and version that the browser prints, or `null` if it is missing or does not run. */
async function versionOf(executablePath: string): Promise<string | null> {
  if (!existsSync(executablePath)) return null
  // On Windows, `--version` opens a window instead.
  if (process.platform === 'win32') return basename(executablePath)
  try {
    const { stdout } = await run(executablePath, ['--version'], { timeout: versionWithinMilliseconds })
    return stdout.match(/\S.*\d+\.\d+\.\d+/)?.[0] ?? null
  } catch (error) {
    // Not executable, without a library, or a stub that only asks to install a snap.
    if (error instanceof Error) return null
    throw error
  }
}

function thisMachine(): ChromiumSources {
  return {
    env: process.env,
    async places() {
      return [
        ...(await playwrightPlaces()).map((executablePath) => ({ executablePath, how: 'downloaded by Playwright' })),
        ...systemPlaces().map((executablePath) => ({ executablePath, how: 'installed on this machine' })),
      ]
    },
    installers: [
      { how: '`npx playwright install chromium`', install: installByPlaywright },
      ...(isRootOnDebian() ? [{ how: `\`apt-get install ${debianPackage}\``, install: installByApt }] : []),
    ],
  }
}

/** Returns the paths of Playwright's headless shell, which can be installed alone, and of its full browser. */
async function playwrightPlaces(): Promise<string[]> {
  const full = playwrightExecutable()
  if (!full) return []
  const revisionFolder = full.match(/^(.*[\\/])chromium-(\d+)[\\/]/)
  if (!revisionFolder) return [full]
  const shellFolder = `${revisionFolder[1]}chromium_headless_shell-${revisionFolder[2]}`
  const shells = (await listFolder(shellFolder)).flatMap((folder) =>
    ['chrome-headless-shell', 'headless_shell', 'chrome-headless-shell.exe', 'headless_shell.exe'].map((name) =>
      join(shellFolder, folder, name),
    ),
  )
  return [...shells, full]
}

function playwrightExecutable(): string | null {
  try {
    return chromium.executablePath()
  } catch (error) {
    // Playwright throws on platforms for which it has no browser.
    if (error instanceof Error && error.message.includes('not supported')) return null
    throw error
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

function systemPlaces(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const onPath = commandNames.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...(standardPaths[process.platform] ?? [])]
}

function isRootOnDebian(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

async function installByPlaywright(): Promise<void> {
  const commandLine = join(projectDirectory, 'node_modules/playwright/cli.js')
  await runInstaller([process.execPath, commandLine, 'install', 'chromium'])
}

async function installByApt(): Promise<void> {
  await runInstaller(['apt-get', 'update'])
  await runInstaller(['apt-get', 'install', '-y', '--no-install-recommends', debianPackage])
}

async function runInstaller([command = '', ...args]: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run(command, args, {
    env,
    timeout: installWithinMilliseconds,
    maxBuffer: 16 * 1024 * 1024,
  })
}
