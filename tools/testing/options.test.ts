import { expect, test } from 'vitest'
import { readName, readNumber, readOptions, readWholeNumber } from './options'

test('reads options with their defaults', () => {
  const options = { port: { type: 'string', default: '3000' }, verbose: { type: 'boolean', default: false } } as const
  expect({ ...readOptions(['--verbose'], options, '') }).toEqual({ port: '3000', verbose: true })
})

test('names an unknown option and shows the usage', () => {
  expect(() => readOptions(['--prot', '1'], {}, 'the usage')).toThrow(
    expect.objectContaining({ message: expect.stringContaining('--prot'), output: 'the usage' }),
  )
})

test.each(['abc', '', ' ', '0', '4', '1.5', 'NaN'])('rejects "%s" as a whole number from 1 to 3', (value) => {
  const message = `Invalid value: --hosts ${value}. Use a whole number from 1 to 3.`
  expect(() => readWholeNumber('--hosts', value, 1, 3)).toThrow(message)
})

test('reads numbers up to and including their bounds', () => {
  expect([readWholeNumber('--hosts', '1', 1, 3), readNumber('--minutes', '0.1', 0.1, 600)]).toEqual([1, 0.1])
  expect(() => readNumber('--minutes', '0', 0.1, 600)).toThrow('Use a number from 0.1 to 600')
})

test('rejects an unknown name and lists the known ones', () => {
  expect(readName('--store', 'ceph', ['bundled', 'ceph'])).toBe('ceph')
  const message = 'Invalid value: --store minio. Use bundled or ceph.'
  expect(() => readName('--store', 'minio', ['bundled', 'ceph'])).toThrow(message)
})
