import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { errorCode, UserError } from '@/tools/process/errors'
import type { StoreKind } from './stack-options'

/** What is made up once and kept, so that sessions, pictures and open pages outlive a restart. */
export interface Secrets {
  /** Seals the session cookies. */
  sessionSecret: string
  /** Base64 of 32 bytes, as Next wants it. */
  serverActionsEncryptionKey: string
  storeAccessKeyId: string
  storeSecretAccessKey: string
}

/** The state folder: secrets, the objects of the stores, the hosts' logs. */
export interface State {
  directory: string
  /** Where a store keeps its objects: each kind has a folder of its own. */
  storeDirectories: Record<StoreKind, string>
  logsDirectory: string
  secrets: Secrets
  /** False when the folder was there before. */
  isNew: boolean
  /** Lets somebody else open the folder. */
  release(): Promise<void>
}

/**
 * Opens the state folder for this process alone, since two stores over the same objects would not know of each other.
 * Makes it and its secrets where they are missing; both can be read by their owner only. Throws a UserError when
 * another process has it open, or when the secrets are there but cannot be understood.
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
  const release = await claim(directory)
  return { directory, storeDirectories, logsDirectory, secrets, isNew, release }
}

async function claim(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'running.pid')
  if (!(await writeOnce(file, String(process.pid)))) {
    const pid = Number(await readFile(file, 'utf8'))
    if (isRunning(pid)) {
      const sentence = `The state folder ${directory} is in use by process ${pid}: end that, or choose another folder with --state.`
      throw new UserError(sentence)
    }
    // Left behind by one that was killed.
    await writeFile(file, String(process.pid))
  }
  return () => rm(file, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process is running all the same.
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

/** Answers whether it wrote: a file that exists is left as it is, also when two of us start at the same moment. */
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
  const damaged = `The secrets in ${file} cannot be read: delete that file, and new ones are made (everybody is signed out).`
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
