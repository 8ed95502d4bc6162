import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectDirectory } from '@/tools/process/project'
import { cephContractTests, cephJourneys, parseTestOptions, suitesOf } from './test-plans'

const names = (...args: string[]) => suitesOf(parseTestOptions(args, '').stages).map(({ name }) => name)

test('runs on the Node version of production, whatever version the machine has', () => {
  expect(Number.parseInt(process.versions.node, 10)).toBeGreaterThanOrEqual(24)
})

test('npm test runs all suites on the bundled store', () => {
  expect(names('test')).toEqual(['check', 'unit', 'contract', 'e2e'])
})

test('test:all runs all suites on both stores, axe, Firefox, the containers, and chaos', () => {
  expect(names('all')).toEqual([
    'check',
    'unit',
    'contract',
    'e2e',
    'memory',
    'faces',
    'axe',
    'firefox',
    'lemonldap',
    'contract-ceph',
    'e2e-ceph',
    'container',
    'chaos',
    'chaos-oidc',
  ])
})

test('starts with the suite that --from names', () => {
  expect(names('all', '--from', 'contract')).toEqual([
    'contract',
    'e2e',
    'memory',
    'faces',
    'axe',
    'firefox',
    'lemonldap',
    'contract-ceph',
    'e2e-ceph',
    'container',
    'chaos',
    'chaos-oidc',
  ])
})

test('runs the suites that --only names', () => {
  expect(names('all', '--only', 'chaos,unit')).toEqual(['unit', 'chaos'])
})

test.each([['--from'], ['--only']])('rejects an unknown suite after %s and lists the known ones', (option) => {
  expect(() => names('test', option, 'units')).toThrow('Unknown suite: units. Use check, unit, contract, e2e.')
})

test('rejects an unknown plan', () => {
  expect(() => names('everything')).toThrow('Unknown plan: everything. Use test, ceph, all.')
})

test.each([...cephContractTests, ...cephJourneys])('%s exists, which CI runs on Ceph', (path) => {
  expect(existsSync(join(projectDirectory, path))).toBe(true)
})
