import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectDirectory } from '@/tools/process/project'
import { differencesOf, differencesTable, knownDifferences } from './known-differences'

test('docs/stores.md shows the table of known differences as it stands in the code, and no other row', async () => {
  const page = await readFile(join(projectDirectory, 'docs/stores.md'), 'utf8')
  const table = page.split('\n').filter((line) => line.startsWith('|'))
  expect(table.join('\n')).toBe(differencesTable())
})

test('the bundled store is as strict as S3: no difference is known of it', () => {
  expect(differencesOf({})).toEqual([])
})

test('of an endpoint given by environment nothing is assumed but what is given', () => {
  const endpoint = { TEST_STORE: 'endpoint' }
  expect(differencesOf(endpoint)).toEqual([])
  expect(differencesOf({ ...endpoint, TEST_STORE_DIFFERENCES: 'if-range,any-token' })).toEqual([
    'if-range',
    'any-token',
  ])
  expect(() => differencesOf({ ...endpoint, TEST_STORE_DIFFERENCES: 'post-policies' })).toThrow(
    'names post-policies, which nobody has described',
  )
})

test('every difference says in whole sentences what it is and why it does no harm', () => {
  for (const { what, harmless } of Object.values(knownDifferences)) {
    expect(what).toMatch(/^\S.{15,}\.$/)
    expect(harmless).toMatch(/^\S.{15,}\.$/)
  }
})
