import { expect, test } from 'vitest'
import { parseOptions } from './stack-options'

test('defaults to three hosts, the bundled store and ports 3000 and 9000', () => {
  expect(parseOptions([], '')).toEqual({
    store: 'bundled',
    balancer: 'bundled',
    port: 3000,
    storePort: 9000,
    hosts: 3,
    stateDirectory: '.anyhost',
    identityProviderPort: undefined,
    forceBuild: false,
    isVerbose: false,
    isHelp: false,
  })
})

test('parses every option', () => {
  const args = [
    '--store',
    'ceph',
    '--balancer',
    'haproxy',
    '--port',
    '4000',
    '--store-port',
    '4001',
    '--hosts',
    '5',
    '--state',
    '/tmp/x',
    '--oidc',
    '--oidc-port',
    '4002',
    '--build',
    '--verbose',
    '-h',
  ]

  expect(parseOptions(args, '')).toEqual({
    store: 'ceph',
    balancer: 'haproxy',
    port: 4000,
    storePort: 4001,
    hosts: 5,
    stateDirectory: '/tmp/x',
    identityProviderPort: 4002,
    forceBuild: true,
    isVerbose: true,
    isHelp: true,
  })
})

test.each([
  ['--port', 'abc'],
  ['--port', '70000'],
  ['--store-port', '0'],
  ['--hosts', '1.5'],
  ['--store', 'minio'],
  ['--balancer', 'nginx'],
])('rejects %s %s and names the option', (option, value) => {
  expect(() => parseOptions([option, value], '')).toThrow(`Invalid value: ${option} ${value}. Use `)
})

test('rejects an unknown option with its name and the usage text', () => {
  expect(() => parseOptions(['--prot', '1'], 'the usage')).toThrow(
    expect.objectContaining({ message: expect.stringContaining('--prot'), output: 'the usage' }),
  )
})
