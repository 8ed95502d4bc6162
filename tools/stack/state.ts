import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { errorCode, UserError } from '@/tools/process/errors'
import type { StoreKind } from './stack-options'

/** Random values that are created once and kept, so that sessions, photos and open pages survive a restart. */
export interface Secrets {
  /** Encrypts the session cookies. */
  sessionSecret: string
  /** Base64 of 32 bytes, as Next requires. */
  serverActionsEncryptionKey: string
  storeAccessKeyId: string
  storeSecretAccessKey: string
}

/** The state folder: secrets, objects of the stores, logs. */
export interface State {
  directory: string
  /** The folder of each kind of store. */
  storeDirectories: Record<StoreKind, string>
  logsDirectory: string
  secrets: Secrets
  /** False if the folder already contained secrets. */
  isNew: boolean
  /** Lets another process open the folder. */
  release(): Promise<void>
}

/**
 * Opens the state folder for this process only: two stores must not use the same objects. Creates the folder and its
 * secrets if they are missing, readable only by their owner.
 * @throws UserError if another process has the folder open, or if the secrets are damaged
 */
export async function openState(path: string): Promise<State> {
  const directory = resolve(path)
  const storeDirectories = { bundled: join(directory, 'store'), ceph: join(directory, 'ceph') }
  const logsDirectory = join(directory, 'logs')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await mkdir(storeDirectories.bundled, { recursive: true })
  await mkdir(logsDirectory, { recursive: true })

  const secretsFile = join(directory, 'secrets.json')
  const isNew = await writeOnce(secretsFile, `${JSON.stringify(makeSecrets(), null, 2)}\n`)
  const secrets = await readSecrets(secretsFile)
  const release = await lock(directory)
  return { directory, storeDirectories, logsDirectory, secrets, isNew, release }
}

async function lock(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'running.pid')
  if (!(await writeOnce(file, String(process.pid)))) {
    const pid = Number(await readFile(file, 'utf8'))
    if (isRunning(pid)) {
      throw new UserError(
        `The state folder ${directory} is in use by process ${pid}. Stop that process, or choose another folder with --state.`,
      )
    }
    // A killed process left the file behind.
    await writeFile(file, String(process.pid))
  }
  return () => rm(file, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    // The process runs under another user.
    return errorCode(error) === 'EPERM'
  }
}

function makeSecrets(): Secrets {
  return {
    sessionSecret: randomBytes(48).toString('base64url'),
    serverActionsEncryptionKey: randomBytes(32).toString('base64'),
    storeAccessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    storeSecretAccessKey: randomBytes(30).toString('base64url'),
  }
}

/** Writes the file unless it exists, atomically. @returns whether it wrote */
async function writeOnce(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function readSecrets(file: string): Promise<Secrets> {
  const damaged = `Cannot read the secrets in ${file}. Delete that file to create new ones; this signs everyone out.`
  let parsed: Partial<Secrets>
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new UserError(damaged, '', { cause: error })
  }
  const { sessionSecret, serverActionsEncryptionKey, storeAccessKeyId, storeSecretAccessKey } = parsed
  if (!sessionSecret || !serverActionsEncryptionKey || !storeAccessKeyId || !storeSecretAccessKey) {
    throw new UserError(damaged)
  }
  return { sessionSecret, serverActionsEncryptionKey, storeAccessKeyId, storeSecretAccessKey }
}
