import { expect, test } from 'vitest'
import { Register } from './register'

test('accepts only the confirmed value', () => {
  const register = new Register('a')
  expect(register.accepts('b')).toBe(false)
  register.request('b')
  expect([register.accepts('a'), register.accepts('b')]).toEqual([true, true])
  register.confirm('b', 10)
  expect([register.accepts('a'), register.accepts('b'), register.isCertain]).toEqual([false, true, true])
})

test('accepts a lost write until a later write is confirmed after its time', () => {
  const register = new Register('a')
  register.request('b')
  register.confirm('b', 10)
  register.allow('b', 100)
  register.request('c')
  register.confirm('c', 50)
  // The lost try may have run in between, or may still run.
  expect(register.accepts('b')).toBe(true)
  register.request('d')
  register.confirm('d', 150)
  expect(register.accepts('b')).toBe(false)
})

test('keeps the value that was read, and no longer accepts the previous one', () => {
  const register = new Register('a')
  register.request('b')
  register.confirmUnchanged('b')
  register.allow('b', 100)
  register.observe('b', 200)
  expect([register.known, register.accepts('a'), register.isCertain]).toEqual(['b', false, true])
})

test('keeps the known value if a write changed nothing', () => {
  const register = new Register('a')
  register.request('b')
  register.confirmUnchanged('b')
  expect([register.known, register.accepts('b')]).toEqual(['a', false])
})

test('replaces a value that is gone, whether known or possible', () => {
  const register = new Register<string | null>('a')
  register.allow('a', 100)
  register.replace('a', null)
  expect([register.known, register.accepts('a'), register.accepts(null)]).toEqual([null, false, true])
})
