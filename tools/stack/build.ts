import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Children, endWithParent } from '@/tools/process/child-process'
import { errorCode, UserError } from '@/tools/process/errors'
import { nextCommand, projectDirectory } from '@/tools/process/project'
import { completeStandaloneBuild, type StandaloneBuild } from './standalone-build'

/** All that a build is made of. Tests, and what only they need, stand beside it but change nothing in it: left out. */
const sources = [
  'app',
  'components',
  'lib',
  'messages',
  'public',
  'proxy.ts',
  'instrumentation.ts',
  'instrumentation-client.ts',
  'next.config.mjs',
  'postcss.config.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]
const testFile = /(\.test\.tsx?|^test-support)$/

/**
 * What a build was made of. It stands inside `.next`, so that a build made by hand, which empties that folder, takes
 * it along; and it keeps the key of the build, which the hosts need at run time, whichever state folder they use.
 */
interface BuildStamp {
  sourcesHash: string
  /** Relative to the folder that was built. */
  artefact: string
  serverActionsEncryptionKey: string
}

/** One SHA-256 over names and contents of the sources in `directory`. Missing ones count as missing. */
export async function hashSources(directory: string): Promise<string> {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of await listFiles(directory, source)) {
      const content = await readFile(join(directory, file))
      hash.update(`${file}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

/** Replaces the sources in `directory` with the project's. An earlier build in it stays, and so does the bundler's cache. */
export async function copySources(directory: string): Promise<void> {
  for (const source of sources) {
    await rm(join(directory, source), { recursive: true, force: true })
    for (const file of await listFiles(projectDirectory, source)) {
      await mkdir(dirname(join(directory, file)), { recursive: true })
      await cp(join(projectDirectory, file), join(directory, file))
    }
  }
}

/** The stamp of the build in `directory`, or `null` where there is no complete build of ours. */
export async function readBuildStamp(directory: string): Promise<BuildStamp | null> {
  if (!existsSync(join(directory, '.next', 'BUILD_ID'))) return null
  try {
    const stamp: Partial<BuildStamp> = JSON.parse(await readFile(stampFile(directory), 'utf8'))
    const { sourcesHash, artefact, serverActionsEncryptionKey } = stamp
    return sourcesHash && artefact && serverActionsEncryptionKey
      ? { sourcesHash, artefact, serverActionsEncryptionKey }
      : null
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
}

/** Marks the build in `directory` as whole: made of these sources, with this key. */
export async function writeBuildStamp(directory: string, stamp: BuildStamp): Promise<void> {
  await writeFile(stampFile(directory), `${JSON.stringify(stamp)}\n`, { mode: 0o600 })
}

/**
 * Makes the one build that all hosts serve, unless it stands already. Answers whether it built, and the artefact. Throws a UserError with the build's output when it fails.
 */
export async function buildOnce(options: {
  children: Children
  /** The key for a new build: base64 of 32 bytes. */
  serverActionsEncryptionKey: string
  env: NodeJS.ProcessEnv
  /** Build in any case. */
  force: boolean
  onLine: (line: string) => void
  /** What is built; without it the project itself. */
  directory?: string
}): Promise<StandaloneBuild & { isNew: boolean }> {
  const { children, serverActionsEncryptionKey, force, directory = projectDirectory } = options
  // Taken before building: what is changed meanwhile makes the next start build again.
  const sourcesHash = await hashSources(directory)
  const stamp = await readBuildStamp(directory)
  if (!force && stamp?.sourcesHash === sourcesHash) {
    return { isNew: false, ...artefactOf(directory, stamp) }
  }

  const build = children.start({
    name: 'build',
    args: [...endWithParent, nextCommand, 'build'],
    cwd: directory,
    env: { ...options.env, NODE_ENV: 'production', NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: serverActionsEncryptionKey },
    onLine: options.onLine,
  })
  const { code } = await build.ended
  if (code !== 0) {
    throw new UserError('The build failed: mend what it says, then start again.', await build.lastOutput())
  }
  const artefact = relative(directory, await completeStandaloneBuild(directory))
  const newStamp = { sourcesHash, artefact, serverActionsEncryptionKey }
  await writeBuildStamp(directory, newStamp)
  return { isNew: true, ...artefactOf(directory, newStamp) }
}

function artefactOf(directory: string, { artefact, serverActionsEncryptionKey }: BuildStamp): StandaloneBuild {
  return { directory: join(directory, artefact), serverActionsEncryptionKey }
}

function stampFile(directory: string): string {
  return join(directory, '.next', 'anyhost-build.json')
}

/** The files of one source, a file or a folder, as sorted paths relative to `directory`; none where it is missing. */
async function listFiles(directory: string, source: string): Promise<string[]> {
  try {
    if ((await stat(join(directory, source))).isFile()) return [source]
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
  const files: string[] = []
  for (const entry of await readdir(join(directory, source), { withFileTypes: true })) {
    const path = `${source}/${entry.name}`
    if (testFile.test(entry.name)) continue
    if (entry.isDirectory()) files.push(...(await listFiles(directory, path)))
    else files.push(path)
  }
  return files.sort()
}
