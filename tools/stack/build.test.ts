import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashSources, readBuildStamp, writeBuildStamp } from './build'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'build-'))
  await write('app/page.tsx', 'page')
  await write('lib/images/crop.ts', 'crop')
})

afterEach(() => rm(directory, { recursive: true }))

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(directory, path, '..'), { recursive: true })
  await writeFile(join(directory, path), content)
}

describe('the hash of the sources', () => {
  test.each([
    ['a changed file', 'lib/images/crop.ts', 'changed'],
    ['a new file', 'components/button.tsx', ''],
    ['a file at the top', 'next.config.mjs', 'export default {}'],
    ['an icon', 'public/icon.svg', '<svg/>'],
  ])('changes with %s', async (_what, path, content) => {
    const before = await hashSources(directory)
    await write(path, content)

    expect(await hashSources(directory)).not.toBe(before)
  })

  test('changes when a file is renamed or removed', async () => {
    const before = await hashSources(directory)
    await rm(join(directory, 'app/page.tsx'))
    const removed = await hashSources(directory)
    await write('app/other.tsx', 'page')

    expect(new Set([before, removed, await hashSources(directory)]).size).toBe(3)
  })

  test('stays the same for rewritten files and files outside the build', async () => {
    const before = await hashSources(directory)
    await write('app/page.tsx', 'page')
    await write('lib/images/crop.test.ts', 'a test')
    await write('lib/images/test-support/world.ts', 'what tests need')
    await write('tools/stack/up.ts', 'a tool')
    await write('README.md', 'words')

    expect(await hashSources(directory)).toBe(before)
  })
})

describe('the stamp of a build', () => {
  const stamp = { sourcesHash: 'abc', artefact: '.next/standalone', serverActionsEncryptionKey: 'key' }

  test('is read as it was written', async () => {
    await write('.next/BUILD_ID', 'id')
    await writeBuildStamp(directory, stamp)

    expect(await readBuildStamp(directory)).toEqual(stamp)
  })

  test.each([
    ['there is no build', []],
    ['the build was made with next build', ['.next/BUILD_ID']],
    ['the build did not finish', ['.next/anyhost-build.json']],
    ['the stamp is damaged', ['.next/BUILD_ID', '.next/anyhost-build.json']],
  ])('is null if %s', async (_what, files) => {
    for (const file of files) await write(file, '{')

    expect(await readBuildStamp(directory)).toBeNull()
  })
})
