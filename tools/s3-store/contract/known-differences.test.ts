import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectDirectory } from '@/tools/process/project'
import { differencesOf, differencesTable, knownDifferences } from './known-differences'

test('docs/stores.md contains the table of known differences and no other table', async () => {
  const page = await readFile(join(projectDirectory, 'docs/stores.md'), 'utf8')
  const table = page.split('\n').filter((line) => line.startsWith('|'))
  expect(table.join('\n')).toBe(differencesTable())
})

test('the bundled store has no known differences', () => {
  expect(differencesOf({})).toEqual([])
})

test('an endpoint has only the differences that TEST_STORE_DIFFERENCES lists', () => {
  const endpoint = { TEST_STORE: 'endpoint' }
  expect(differencesOf(endpoint)).toEqual([])
  expect(differencesOf({ ...endpoint, TEST_STORE_DIFFERENCES: 'if-range,any-token' })).toEqual([
    'if-range',
    'any-token',
  ])
  expect(() => differencesOf({ ...endpoint, TEST_STORE_DIFFERENCES: 'post-policies' })).toThrow(
    'Unknown difference in TEST_STORE_DIFFERENCES: post-policies',
  )
})

test('every difference and the reason why it is harmless are sentences', () => {
  for (const { what, harmless } of Object.values(knownDifferences)) {
    expect(what).toMatch(/^\S.{15,}\.$/)
    expect(harmless).toMatch(/^\S.{15,}\.$/)
  }
})
