import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Child, type Children, endWithParent } from '@/tools/process/child-process'
import { errorCode } from '@/tools/process/errors'

/** A deployable build: a folder with `server.js` that needs only Node to run. */
export interface StandaloneBuild {
  directory: string
  /** The key of the build, which its hosts need at run time too: base64 of 32 bytes. */
  serverActionsEncryptionKey: string
}

/**
 * As in `npm start`. V8 compiles each function on its first call instead of after many calls. Otherwise a host that has
 * just started is slow for a while, above all on few processors.
 */
const nodeOptions = ['--always-sparkplug']

/**
 * Completes the output of `next build` in `.next/standalone` of `directory`. Adds the files for browsers, which Next
 * leaves to a CDN, and `bucket.js`, the commands of `npm run bucket`. Makes `server.js` start while its output is
 * blocked. Removes the `.env` files that Next copies: configuration belongs to a deployment, not to a build.
 * @returns the folder with `server.js`
 */
export async function completeStandaloneBuild(directory: string): Promise<string> {
  const manifest = join(directory, '.next/required-server-files.json')
  const { relativeAppDir }: { relativeAppDir: string } = JSON.parse(await readFile(manifest, 'utf8'))
  const standalone = join(directory, '.next/standalone', relativeAppDir)
  await cp(join(directory, '.next/static'), join(standalone, '.next/static'), { recursive: true })
  await cp(join(directory, 'public'), join(standalone, 'public'), { recursive: true }).catch(ignoreMissing)
  await bundleBucketCommands(directory, join(standalone, 'bucket.js'))
  await ignoreOutputErrors(join(standalone, 'server.js'))
  const names = await readdir(standalone)
  await Promise.all(names.filter((name) => name.startsWith('.env')).map((name) => rm(join(standalone, name))))
  return standalone
}

/**
 * Makes a server ignore errors of standard output. Next prints lines before any code of the app runs, and on a full disk
 * or a closed pipe each would end the process (security S42).
 */
async function ignoreOutputErrors(server: string): Promise<void> {
  const code = await readFile(server, 'utf8')
  const prelude = "for (const output of [process.stdout, process.stderr]) output.on('error', () => {})\n"
  if (!code.startsWith(prelude)) await writeFile(server, prelude + code)
}

/** Bundles the commands with their packages: the artefact contains only the packages that its pages need. */
async function bundleBucketCommands(directory: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: directory,
    entryPoints: ['lib/bucket/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // `server-only` throws unless its server export is resolved.
    conditions: ['react-server'],
    mainFields: ['module', 'main'],
    // Packages in CommonJS load Node's modules with `require`, which an ES module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error
}

/** How long a host may take to exit after its `DRAIN_MS` before it is killed. */
const exitGraceMilliseconds = 3_000

/**
 * Starts a host from the standalone build in `directory`, on 127.0.0.1, as `npm start` does. It ends with this process.
 * `end` of the child sends SIGTERM, which drains the host; a second SIGTERM ends it at once.
 * @param options.env the whole environment of the host; `end` kills it 3 s after its `DRAIN_MS`
 */
export function startHost(
  children: Children,
  options: {
    name: string
    directory: string
    port: number
    env: NodeJS.ProcessEnv
    onLine: (line: string, from: 'stdout' | 'stderr') => void
  },
): Child {
  const { name, directory, port, env, onLine } = options
  return children.start({
    name,
    args: [...endWithParent, ...nodeOptions, join(directory, 'server.js')],
    cwd: directory,
    env: {
      NODE_COMPILE_CACHE: join(directory, '.next/cache/compiled'),
      ...env,
      HOST_NAME: name,
      HOSTNAME: '127.0.0.1',
      PORT: String(port),
    },
    onLine,
    ...(env.DRAIN_MS && { graceMilliseconds: Number(env.DRAIN_MS) + exitGraceMilliseconds }),
  })
}
