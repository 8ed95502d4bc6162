import { expect, test } from 'vitest'
import { Register } from './register'

test('what was told is all that can be read', () => {
  const register = new Register('a')
  expect(register.accepts('b')).toBe(false)
  register.ask('b')
  expect([register.accepts('a'), register.accepts('b')]).toEqual([true, true])
  register.tell('b', 10)
  expect([register.accepts('a'), register.accepts('b'), register.isCertain]).toEqual([false, true, true])
})

test('a write without an answer may be read until a later one is told after its time', () => {
  const register = new Register('a')
  register.ask('b')
  register.tell('b', 10)
  register.fear('b', 100)
  register.ask('c')
  register.tell('c', 50)
  // It may have come between, or come still.
  expect(register.accepts('b')).toBe(true)
  register.ask('d')
  register.tell('d', 150)
  expect(register.accepts('b')).toBe(false)
})

test('what was read stands from there on, and what it overwrote cannot be read again', () => {
  const register = new Register('a')
  register.ask('b')
  register.tellNothing('b')
  register.fear('b', 100)
  register.see('b', 200)
  expect([register.told, register.accepts('a'), register.isCertain]).toEqual(['b', false, true])
})

test('a write that was answered as having changed nothing leaves what was told', () => {
  const register = new Register('a')
  register.ask('b')
  register.tellNothing('b')
  expect([register.told, register.accepts('b')]).toEqual(['a', false])
})

test('what is gone is replaced wherever it was, or may be', () => {
  const register = new Register<string | null>('a')
  register.fear('a', 100)
  register.replace('a', null)
  expect([register.told, register.accepts('a'), register.accepts(null)]).toEqual([null, false, true])
})
