import { expect, test } from 'vitest'
import { assertEndpointGiven, parseContractOptions } from './contract-options'

test('without options it is the bundled store', () => {
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
])('%j is read, and what is not ours is vitest’s', (args, expected) => {
  expect(parseContractOptions(args, '')).toEqual(expected)
})

test.each([[['--store', 'minio']], [['--store']]])('%j is refused in a sentence that says what there is', (args) => {
  const refusal = { message: expect.stringContaining('bundled, ceph, endpoint'), output: 'the usage' }
  expect(() => parseContractOptions(args, 'the usage')).toThrow(expect.objectContaining(refusal))
})

test('an endpoint must be given whole: what is missing is named, and nothing else', () => {
  const some = { TEST_STORE_ENDPOINT: 'https://s3.example.org', TEST_STORE_REGION: 'x' }
  expect(() => assertEndpointGiven(some)).toThrow(
    '--store endpoint needs TEST_STORE_ACCESS_KEY_ID, TEST_STORE_SECRET_ACCESS_KEY in the environment',
  )
  const rest = { TEST_STORE_ACCESS_KEY_ID: 'a', TEST_STORE_SECRET_ACCESS_KEY: 'b' }
  expect(() => assertEndpointGiven({ ...some, ...rest })).not.toThrow()
})
