import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Children, endWithParent } from '@/tools/process/child-process'
import { errorCode, UserError } from '@/tools/process/errors'
import { nextCommand, projectDirectory } from '@/tools/process/project'
import { completeStandaloneBuild, type StandaloneBuild } from './standalone-build'

/** The files and folders that a build depends on. Tests and their support files in these folders do not count. */
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
 * Describes a finished build, to decide whether it is up to date. The file is in `.next`, so a manual `next build`, which
 * empties that folder, deletes it. It stores the key of the build because hosts need it at run time, with any state folder.
 */
interface BuildStamp {
  sourcesHash: string
  /** The folder of the standalone build, relative to the folder that was built. */
  artefact: string
  serverActionsEncryptionKey: string
}

/** Returns a SHA-256 in hex over the names and contents of the sources in `directory`. Sources may be missing. */
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

/**
 * Replaces the sources in `directory` with the project's, and links its packages: the layout names the file of a font. An
 * earlier build in it stays, and so does the bundler's cache.
 * @param directory inside the project: the bundler follows the link only within one root
 */
export async function copySources(directory: string): Promise<void> {
  for (const source of sources) {
    await rm(join(directory, source), { recursive: true, force: true })
    for (const file of await listFiles(projectDirectory, source)) {
      await mkdir(dirname(join(directory, file)), { recursive: true })
      await cp(join(projectDirectory, file), join(directory, file))
    }
  }
  // Tailwind does not scan the files that `.gitignore` lists.
  await cp(join(projectDirectory, '.gitignore'), join(directory, '.gitignore'))
  await symlink(join(projectDirectory, 'node_modules'), join(directory, 'node_modules')).catch((error) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
}

/** Returns the stamp of the build in `directory`, or `null` if there is no complete build or it has no valid stamp. */
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

/** Marks the build in `directory` as complete. */
export async function writeBuildStamp(directory: string, stamp: BuildStamp): Promise<void> {
  await writeFile(stampFile(directory), `${JSON.stringify(stamp)}\n`, { mode: 0o600 })
}

/**
 * Builds the project unless its build is up to date.
 * @returns the standalone build, and whether it is new
 * @throws UserError with the build's output if the build fails
 */
export async function buildOnce(options: {
  children: Children
  /** The key for a new build: base64 of 32 bytes. */
  serverActionsEncryptionKey: string
  env: NodeJS.ProcessEnv
  /** Build even if the build is up to date. */
  force: boolean
  onLine: (line: string) => void
  /** The folder to build; by default the project's. */
  directory?: string
}): Promise<StandaloneBuild & { isNew: boolean }> {
  const { children, serverActionsEncryptionKey, force, directory = projectDirectory } = options
  // Hashed before the build: if a source changes during the build, the next start builds again.
  const sourcesHash = await hashSources(directory)
  const stamp = await readBuildStamp(directory)
  if (!force && stamp?.sourcesHash === sourcesHash) {
    return { isNew: false, ...toStandaloneBuild(directory, stamp) }
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
    throw new UserError('The build failed. Fix the errors above, then start again.', await build.lastOutput())
  }
  const artefact = relative(directory, await completeStandaloneBuild(directory))
  const newStamp = { sourcesHash, artefact, serverActionsEncryptionKey }
  await writeBuildStamp(directory, newStamp)
  return { isNew: true, ...toStandaloneBuild(directory, newStamp) }
}

function toStandaloneBuild(directory: string, { artefact, serverActionsEncryptionKey }: BuildStamp): StandaloneBuild {
  return { directory: join(directory, artefact), serverActionsEncryptionKey }
}

function stampFile(directory: string): string {
  return join(directory, '.next', 'anyhost-build.json')
}

/** Returns the files of one source, a file or a folder, as sorted paths relative to `directory`; none if it is missing. */
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
