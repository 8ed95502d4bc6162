import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGuest } from './guest'
import { userOf } from './user'

const identity = fc.record({ issuer: fc.webUrl(), subject: fc.string({ minLength: 1 }), name: fc.string() })

test('creates a uid of 160 bits in 32 characters that are valid in keys', () => {
  fc.assert(
    fc.property(identity, (person) => {
      expect(userOf(person).uid).toMatch(/^[0-9a-v]{32}$/)
    }),
  )
})

test('derives the uid from issuer and subject only', () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      expect(userOf({ ...one, name: other.name }).uid).toBe(userOf(one).uid)
      fc.pre(one.issuer !== other.issuer && one.subject !== other.subject)
      expect(userOf({ ...one, issuer: other.issuer }).uid).not.toBe(userOf(one).uid)
      expect(userOf({ ...one, subject: other.subject }).uid).not.toBe(userOf(one).uid)
    }),
  )
})

test('gives no two pairs of issuer and subject the same uid', () => {
  const user = (issuer: string, subject: string) => userOf({ issuer, subject, name: 'Ada' }).uid
  expect(user('a\nb', 'c')).not.toBe(user('a', 'b\nc'))
  fc.assert(
    fc.property(fc.string({ minLength: 2 }), fc.nat(), fc.nat(), (text, one, other) => {
      const [cut, otherCut] = [one % text.length, other % text.length]
      fc.pre(cut !== otherCut)
      expect(user(text.slice(0, cut), text.slice(cut))).not.toBe(user(text.slice(0, otherCut), text.slice(otherCut)))
    }),
  )
})

test('keeps the uid between versions, since it is part of all keys', () => {
  const { uid } = userOf({ issuer: 'https://id.example.org', subject: '42', name: 'Ada' })
  expect(uid).toBe('nhd5ib1q20seandte19kt7v73k27ncsp')
})

test('gives each guest a subject of 160 random bits', () => {
  const guests = Array.from({ length: 500 }, createGuest)
  expect(new Set(guests.map((guest) => userOf(guest).uid)).size).toBe(500)
  for (const { subject, name } of guests) {
    expect(subject).toMatch(/^[0-9a-v]{32}$/)
    expect(name).toBe(`Guest ${subject.slice(0, 4).toUpperCase()}`)
  }
})
