import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, type Children, endWithParent } from '@/tools/process/child-process'
import { errorCode } from '@/tools/process/errors'

/** A build as it is shipped: the folder with `server.js`, which needs nothing beside it but Node. */
export interface StandaloneBuild {
  directory: string
  /** The key that it was built with, and that its hosts need at run time: base64 of 32 bytes. */
  serverActionsEncryptionKey: string
}

/**
 * As in `npm start`. What a host runs is compiled the first time that it is run, not when it has been run often: one that
 * was just started has little to give for a while, above all on few processors.
 */
const nodeOptions = ['--always-sparkplug']

/**
 * Makes what `next build` left in `.next/standalone` of `directory` whole: with the files for browsers, which Next leaves
 * to a CDN, and without `.env` files, which Next copies into it: configuration is of a deployment, not of an artefact.
 * @returns the artefact's folder
 */
export async function completeStandaloneBuild(directory: string): Promise<string> {
  const manifest = join(directory, '.next/required-server-files.json')
  const { relativeAppDir }: { relativeAppDir: string } = JSON.parse(await readFile(manifest, 'utf8'))
  const artefact = join(directory, '.next/standalone', relativeAppDir)
  await cp(join(directory, '.next/static'), join(artefact, '.next/static'), { recursive: true })
  await cp(join(directory, 'public'), join(artefact, 'public'), { recursive: true }).catch(ignoreMissing)
  const names = await readdir(artefact)
  await Promise.all(names.filter((name) => name.startsWith('.env')).map((name) => rm(join(artefact, name))))
  return artefact
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error
}

/** How long a host may take to end beyond its own `DRAIN_MS`, before it is killed. */
const endingMilliseconds = 3_000

/**
 * Starts a host of the artefact in `directory`, on 127.0.0.1, as `npm start` does. It ends when this process does.
 * SIGTERM, which `end` of the child sends, drains it; a second one ends it at once.
 * @param env all of its environment; its `DRAIN_MS` tells how long `end` waits before it insists
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
    ...(env.DRAIN_MS && { graceMilliseconds: Number(env.DRAIN_MS) + endingMilliseconds }),
  })
}
