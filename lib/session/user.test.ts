import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGuest } from './guest'
import { userOf } from './user'

const identity = fc.record({ issuer: fc.webUrl(), subject: fc.string({ minLength: 1 }), name: fc.string() })

test('a uid is 160 bits in 32 characters, fit for a key', () => {
  fc.assert(
    fc.property(identity, (someone) => {
      expect(userOf(someone).uid).toMatch(/^[0-9a-v]{32}$/)
    }),
  )
})

test('a uid hangs on issuer and subject, and on nothing else', () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      expect(userOf({ ...one, name: other.name }).uid).toBe(userOf(one).uid)
      fc.pre(one.issuer !== other.issuer && one.subject !== other.subject)
      expect(userOf({ ...one, issuer: other.issuer }).uid).not.toBe(userOf(one).uid)
      expect(userOf({ ...one, subject: other.subject }).uid).not.toBe(userOf(one).uid)
    }),
  )
})

test('a uid never changes between versions, for pictures lie below it', () => {
  const { uid } = userOf({ issuer: 'https://id.example.org', subject: '42', name: 'Ada' })
  expect(uid).toBe('1gvsmr9bcsu4hh413ftvb503d76ed02n')
})

test('every guest is someone else, with a subject of 160 random bits', () => {
  const guests = Array.from({ length: 500 }, createGuest)
  expect(new Set(guests.map((guest) => userOf(guest).uid)).size).toBe(500)
  for (const { subject, name } of guests) {
    expect(subject).toMatch(/^[0-9a-v]{32}$/)
    expect(name).toBe(`Guest ${subject.slice(0, 4).toUpperCase()}`)
  }
})
