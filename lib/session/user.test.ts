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

test('a uid depends on issuer and subject, and on nothing else', () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      expect(userOf({ ...one, name: other.name }).uid).toBe(userOf(one).uid)
      fc.pre(one.issuer !== other.issuer && one.subject !== other.subject)
      expect(userOf({ ...one, issuer: other.issuer }).uid).not.toBe(userOf(one).uid)
      expect(userOf({ ...one, subject: other.subject }).uid).not.toBe(userOf(one).uid)
    }),
  )
})

test('no two pairs of issuer and subject share a uid, wherever one ends and the other begins', () => {
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

test('a uid never changes between versions, since images are stored below it', () => {
  const { uid } = userOf({ issuer: 'https://id.example.org', subject: '42', name: 'Ada' })
  expect(uid).toBe('nhd5ib1q20seandte19kt7v73k27ncsp')
})

test('every guest is someone else, with a subject of 160 random bits', () => {
  const guests = Array.from({ length: 500 }, createGuest)
  expect(new Set(guests.map((guest) => userOf(guest).uid)).size).toBe(500)
  for (const { subject, name } of guests) {
    expect(subject).toMatch(/^[0-9a-v]{32}$/)
    expect(name).toBe(`Guest ${subject.slice(0, 4).toUpperCase()}`)
  }
})
