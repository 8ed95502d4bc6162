import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { UserError } from './errors'
import { runStep } from './progress'

const step = { name: 'Bucket', description: 'anyhost', outcome: (result: string) => result, remedy: 'start again' }

test('prints what a step does, its outcome and its duration', async () => {
  const lines: string[] = []

  const result = await runStep(
    { log: (line) => lines.push(stripVTControlCharacters(line)) },
    { ...step, work: async () => 'ready' },
  )

  expect(result).toBe('ready')
  expect(lines[0]).toBe('Bucket: anyhost …')
  expect(lines[1]).toMatch(/^ {2}✓ ready \(\d.*s\)$/)
})

test('turns any error into a UserError that says how to fix it', async () => {
  const work = () => Promise.reject(new Error('access denied'))

  const failure = runStep({ log: () => {} }, { ...step, work })

  await expect(failure).rejects.toThrow(new UserError('Bucket failed: access denied. To fix it, start again.'))
})

test('passes on a UserError unchanged', async () => {
  const own = new UserError('Port 1 is taken.', 'output')

  await expect(runStep({ log: () => {} }, { ...step, work: () => Promise.reject(own) })).rejects.toBe(own)
})

test('starts no step after the signal is aborted', async () => {
  const signal = AbortSignal.abort()
  let hasStarted = false
  const work = async () => {
    hasStarted = true
    return 'ready'
  }

  await expect(runStep({ log: () => {}, signal }, { ...step, work })).rejects.toThrow()
  expect(hasStarted).toBe(false)
})
