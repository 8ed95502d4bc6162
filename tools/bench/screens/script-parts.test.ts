import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { partOf, partsOf } from './script-parts'

test('divides the bytes of a script among packages and own files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parts-'))
  try {
    await mkdir(join(directory, 'node_modules/large'), { recursive: true })
    await mkdir(join(directory, 'components'))
    await writeFile(
      join(directory, 'node_modules/large/index.js'),
      `export const large = ${JSON.stringify('x'.repeat(900))}`,
    )
    await writeFile(
      join(directory, 'components/small.js'),
      "import { large } from 'large'\nconsole.log(large, 'small')",
    )
    const outfile = join(directory, '.next/static/chunks/one.js')
    await build({
      absWorkingDir: directory,
      entryPoints: ['components/small.js'],
      bundle: true,
      minify: true,
      sourcemap: true,
      outfile,
    })
    const { size } = await stat(outfile)

    const parts = await partsOf(directory, [{ path: '/_next/static/chunks/one.js', bytes: size / 2 }])

    expect(parts.map(([part]) => part)).toEqual(['large', 'components/small.js'])
    expect(parts[0]?.[1]).toBeGreaterThan(450)
    expect(parts.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(size / 2)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.each([
  ['turbopack:///[project]/node_modules/@radix-ui/react-slot/dist/index.mjs', '@radix-ui/react-slot'],
  ['[project]/node_modules/next/node_modules/x/index.js', 'x'],
  ['turbopack:///[project]/.anyhost/bench/site/lib/result.ts', 'lib/result.ts'],
  ['turbopack:///[turbopack]/browser/runtime.ts', 'other'],
])('names the part of %s', (source, part) => {
  expect(partOf(source)).toBe(part)
})
