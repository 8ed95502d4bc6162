import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openState } from './state'

let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'state-'))
})

afterEach(() => rm(parent, { recursive: true }))

test('creates long secrets once and keeps them after a restart', async () => {
  const first = await openState(join(parent, 'state'))
  await first.release()
  const second = await openState(join(parent, 'state'))

  expect(first.isNew).toBe(true)
  expect(second.isNew).toBe(false)
  expect(second.secrets).toEqual(first.secrets)
  expect(Buffer.from(first.secrets.sessionSecret, 'base64url').length).toBeGreaterThanOrEqual(32)
  expect(Buffer.from(first.secrets.serverActionsEncryptionKey, 'base64')).toHaveLength(32)
})

test('rejects a folder that another process has open and names that process', async () => {
  const { directory, release } = await openState(join(parent, 'state'))

  await expect(openState(directory)).rejects.toThrow(
    `The state folder ${directory} is in use by process ${process.pid}. Stop that process, or choose another folder with --state.`,
  )
  await release()
  await openState(directory)
})

test('opens a folder whose process was killed', async () => {
  const { directory } = await openState(join(parent, 'state'))
  const { pid } = spawnSync(process.execPath, ['--version'])
  await writeFile(join(directory, 'running.pid'), String(pid))

  expect((await openState(directory)).isNew).toBe(false)
})

test.skipIf(process.platform === 'win32')('makes the secrets readable only by their owner', async () => {
  const { directory } = await openState(join(parent, 'state'))

  expect((await stat(join(directory, 'secrets.json'))).mode & 0o777).toBe(0o600)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})

test.each(['not json', '{}'])('rejects damaged secrets (%s) and names the file', async (content) => {
  const { directory, release } = await openState(join(parent, 'state'))
  await release()
  await writeFile(join(directory, 'secrets.json'), content)

  await expect(openState(directory)).rejects.toThrow(`Cannot read the secrets in ${join(directory, 'secrets.json')}`)
})
