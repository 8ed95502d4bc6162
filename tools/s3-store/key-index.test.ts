import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterPrefix, fromByteString, KeyIndex, toByteString } from './key-index'

const keys = fc.string({ unit: 'binary' }).filter((key) => !/\p{Surrogate}/u.test(key))
const entry = (name: string) => ({ name, size: 0, etag: '', lastModified: 0 })

test('byte strings come back as the keys they were', () => {
  fc.assert(fc.property(keys, (key) => fromByteString(toByteString(key)) === key))
})

test('byte strings sort as the UTF-8 of their keys does', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const [x, y] = [toByteString(a), toByteString(b)]
      expect(x < y ? -1 : x > y ? 1 : 0).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('afterPrefix lies behind all that begins with the prefix, and before all else that follows', () => {
  fc.assert(
    fc.property(keys, keys, (prefix, other) => {
      const [start, name] = [toByteString(prefix), toByteString(other)]
      expect(start + name < afterPrefix(start)).toBe(true)
      if (name > start && !name.startsWith(start)) expect(name > afterPrefix(start)).toBe(true)
    }),
  )
})

test('an index holds each name once, in order, whatever is added and removed', () => {
  const changes = fc.array(fc.record({ name: fc.string({ maxLength: 2 }), isRemoved: fc.boolean() }))
  fc.assert(
    fc.property(changes, (steps) => {
      const index = new KeyIndex()
      const expected = new Set<string>()
      for (const { name, isRemoved } of steps) {
        if (isRemoved) {
          index.delete(name)
          expected.delete(name)
        } else {
          index.set(entry(name))
          expected.add(name)
        }
      }
      const names = Array.from({ length: index.length }, (_, position) => index.at(position)?.name)
      expect(names).toEqual([...expected].sort())
      for (const { name } of steps) expect(index.get(name) !== undefined).toBe(expected.has(name))
    }),
  )
})
