import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { completeStandaloneBuild } from './standalone-build'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'artefact-'))
  await write('.next/static/chunks/page.js', 'page')
})

afterEach(() => rm(directory, { recursive: true }))

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(directory, path, '..'), { recursive: true })
  await writeFile(join(directory, path), content)
}

/** As `next build` leaves it: a server, somewhere below `.next/standalone`. */
async function build(relativeAppDir: string): Promise<void> {
  await write('.next/required-server-files.json', JSON.stringify({ relativeAppDir }))
  await write(join('.next/standalone', relativeAppDir, 'server.js'), 'server')
}

const read = (artefact: string, path: string) => readFile(join(artefact, path), 'utf8')

test.each(['', 'sites/me'])(
  'an artefact of the folder "%s" has what browsers ask for beside its server',
  async (folder) => {
    await build(folder)
    await write('public/robots.txt', 'robots')
    const artefact = await completeStandaloneBuild(directory)
    expect(artefact).toBe(join(directory, '.next/standalone', folder))
    expect(await read(artefact, 'server.js')).toBe('server')
    expect(await read(artefact, '.next/static/chunks/page.js')).toBe('page')
    expect(await read(artefact, 'public/robots.txt')).toBe('robots')
  },
)

test('a project without public files is as good', async () => {
  await build('')
  expect(await read(await completeStandaloneBuild(directory), '.next/static/chunks/page.js')).toBe('page')
})

test('secrets of whoever builds are not shipped', async () => {
  await build('')
  for (const name of ['.env', '.env.production']) await write(`.next/standalone/${name}`, 'SESSION_SECRETS=…')
  const artefact = await completeStandaloneBuild(directory)
  for (const name of ['.env', '.env.production']) await expect(read(artefact, name)).rejects.toThrow('ENOENT')
})
