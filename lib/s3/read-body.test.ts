import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readBody } from './read-body'

const chunks = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')]
const promised = 'onetwothree'.length

test('a body is read as it came, chunk after chunk', async () => {
  expect((await readBody(Readable.from(chunks), promised)).toString()).toBe('onetwothree')
  expect(await readBody(Readable.from([]), 0)).toHaveLength(0)
})

test('a body that is shorter than promised is an error, and not a picture with a hole', async () => {
  await expect(readBody(Readable.from(chunks), promised + 1)).rejects.toThrow('sent 11 of the 12 bytes')
})

test('a body that is longer than promised is an error, and no more of it is read', async () => {
  const body = Readable.from(chunks)
  await expect(readBody(body, 4)).rejects.toThrow('more than the 4 bytes')
  expect(body.destroyed).toBe(true)
})
