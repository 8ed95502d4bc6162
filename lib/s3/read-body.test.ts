import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readBody } from './read-body'

const chunks = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')]
const announced = 'onetwothree'.length

test('joins the chunks of a body in order', async () => {
  expect((await readBody(Readable.from(chunks), announced)).toString()).toBe('onetwothree')
  expect(await readBody(Readable.from([]), 0)).toHaveLength(0)
})

test('throws if the body is shorter than announced', async () => {
  await expect(readBody(Readable.from(chunks), announced + 1)).rejects.toThrow('sent 11 of the announced 12 bytes')
})

test('throws if the body is longer than announced, and stops reading it', async () => {
  const body = Readable.from(chunks)
  await expect(readBody(body, 4)).rejects.toThrow('more than the announced 4 bytes')
  expect(body.destroyed).toBe(true)
})
