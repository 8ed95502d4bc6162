import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { completeStandaloneBuild } from './standalone-build'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'standalone-build-'))
  await write('.next/static/chunks/page.js', 'page')
  await write('lib/bucket/main.ts', "import { text } from './text'\nconsole.log(text)")
  await write('lib/bucket/text.ts', "export const text: string = 'checked'")
})

afterEach(() => rm(directory, { recursive: true }))

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(directory, path, '..'), { recursive: true })
  await writeFile(join(directory, path), content)
}

/** Writes the output of `next build`: a server, somewhere below `.next/standalone`. */
async function build(relativeAppDir: string): Promise<void> {
  await write('.next/required-server-files.json', JSON.stringify({ relativeAppDir }))
  await write(join('.next/standalone', relativeAppDir, 'server.js'), 'server')
}

const read = (folder: string, path: string) => readFile(join(folder, path), 'utf8')

test.each(['', 'sites/me'])('adds the files for browsers next to the server of the folder "%s"', async (folder) => {
  await build(folder)
  await write('public/robots.txt', 'robots')
  const standalone = await completeStandaloneBuild(directory)
  expect(standalone).toBe(join(directory, '.next/standalone', folder))
  expect(await read(standalone, 'server.js')).toMatch(/^server$/m)
  expect(await read(standalone, '.next/static/chunks/page.js')).toBe('page')
  expect(await read(standalone, 'public/robots.txt')).toBe('robots')
})

test('works for a project without public files', async () => {
  await build('')
  expect(await read(await completeStandaloneBuild(directory), '.next/static/chunks/page.js')).toBe('page')
})

test('removes the .env files of the machine that builds', async () => {
  await build('')
  for (const name of ['.env', '.env.production']) await write(`.next/standalone/${name}`, 'SESSION_SECRETS=…')
  const standalone = await completeStandaloneBuild(directory)
  for (const name of ['.env', '.env.production']) await expect(read(standalone, name)).rejects.toThrow('ENOENT')
})

test('S42: starts the server while the disk of its log is full', async () => {
  await build('')
  // The first failure closes the stream, and Node reports later ones as errors.
  const script = "setInterval(() => console.log('starts'), 20)\nsetTimeout(() => process.exit(7), 200)"
  await write('.next/standalone/server.js', script)
  const standalone = await completeStandaloneBuild(directory)
  // Every write to this device fails with ENOSPC.
  const full = openSync('/dev/full', 'w')
  const { status } = spawnSync(process.execPath, ['server.js'], { cwd: standalone, stdio: ['ignore', full, full] })
  closeSync(full)
  expect(status).toBe(7)
})

test('adds the bucket commands as one file that needs no packages', async () => {
  await build('')
  const standalone = await completeStandaloneBuild(directory)
  await writeFile(join(standalone, 'package.json'), '{"type":"module"}')
  const output = execFileSync(process.execPath, ['bucket.js'], { cwd: standalone, encoding: 'utf8' })
  expect(output).toBe('checked\n')
})
