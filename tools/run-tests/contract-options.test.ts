import { expect, test } from 'vitest'
import { assertEndpointGiven, parseContractOptions } from './contract-options'

test('uses the bundled store by default', () => {
  expect(parseContractOptions([], '')).toEqual({ store: 'bundled', vitestArgs: [], isHelp: false })
})

test.each([
  [['--store', 'ceph'], { store: 'ceph', vitestArgs: [], isHelp: false }],
  [['--store=ceph', '-h'], { store: 'ceph', vitestArgs: [], isHelp: true }],
  [['tools/s3-store/contract'], { store: 'bundled', vitestArgs: ['tools/s3-store/contract'], isHelp: false }],
  [
    ['--store', 'endpoint', '-t', 'S1', '--store', 'x'],
    { store: 'endpoint', vitestArgs: ['-t', 'S1', '--store', 'x'], isHelp: false },
  ],
  [['--', '--help'], { store: 'bundled', vitestArgs: ['--help'], isHelp: false }],
])('parses %j and leaves the rest to vitest', (args, expected) => {
  expect(parseContractOptions(args, '')).toEqual(expected)
})

test.each([[['--store', 'minio']], [['--store']]])('rejects %j and lists the known stores', (args) => {
  const rejection = { message: expect.stringContaining('bundled or ceph or endpoint'), output: 'the usage' }
  expect(() => parseContractOptions(args, 'the usage')).toThrow(expect.objectContaining(rejection))
})

test('names every missing variable of an endpoint, and no other', () => {
  const some = { TEST_STORE_ENDPOINT: 'https://s3.example.org', TEST_STORE_REGION: 'x' }
  expect(() => assertEndpointGiven(some)).toThrow(
    'Not set: TEST_STORE_ACCESS_KEY_ID, TEST_STORE_SECRET_ACCESS_KEY. Set them for --store endpoint',
  )
  const rest = { TEST_STORE_ACCESS_KEY_ID: 'a', TEST_STORE_SECRET_ACCESS_KEY: 'b' }
  expect(() => assertEndpointGiven({ ...some, ...rest })).not.toThrow()
})
