import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { UserError } from './errors'
import { runStep } from './progress'

const stage = { name: 'Bucket', does: 'anyhost', outcome: (result: string) => result, remedy: 'start again' }

test('a stage says what it does, what came of it and how long it took', async () => {
  const lines: string[] = []

  const result = await runStep(
    { log: (line) => lines.push(stripVTControlCharacters(line)) },
    { ...stage, work: async () => 'ready' },
  )

  expect(result).toBe('ready')
  expect(lines[0]).toBe('Bucket: anyhost …')
  expect(lines[1]).toMatch(/^ {2}✓ ready \(\d.*s\)$/)
})

test('a failure without a sentence of its own gets one that says what to do', async () => {
  const work = () => Promise.reject(new Error('access denied'))

  const failure = runStep({ log: () => {} }, { ...stage, work })

  await expect(failure).rejects.toThrow(new UserError('Bucket failed (access denied): start again.'))
})

test('a failure with a sentence of its own keeps it', async () => {
  const own = new UserError('Port 1 is taken.', 'output')

  await expect(runStep({ log: () => {} }, { ...stage, work: () => Promise.reject(own) })).rejects.toBe(own)
})

test('a stage does not begin once everything is ending', async () => {
  const signal = AbortSignal.abort()
  let hasBegun = false
  const work = async () => {
    hasBegun = true
    return 'ready'
  }

  await expect(runStep({ log: () => {}, signal }, { ...stage, work })).rejects.toThrow()
  expect(hasBegun).toBe(false)
})
