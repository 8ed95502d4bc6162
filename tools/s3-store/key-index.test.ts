import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterPrefix, fromByteString, KeyIndex, toByteString } from './key-index'

const keys = fc.string({ unit: 'binary' }).filter((key) => !/\p{Surrogate}/u.test(key))
const entry = (name: string) => ({ name, size: 0, etag: '', lastModified: 0 })

test('converts keys to byte strings and back', () => {
  fc.assert(fc.property(keys, (key) => fromByteString(toByteString(key)) === key))
})

test('sorts byte strings like the UTF-8 of their keys', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const [x, y] = [toByteString(a), toByteString(b)]
      expect(x < y ? -1 : x > y ? 1 : 0).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('afterPrefix sorts after all names with the prefix and before all later names', () => {
  fc.assert(
    fc.property(keys, keys, (prefix, other) => {
      const [start, name] = [toByteString(prefix), toByteString(other)]
      expect(start + name < afterPrefix(start)).toBe(true)
      if (name > start && !name.startsWith(start)) expect(name > afterPrefix(start)).toBe(true)
    }),
  )
})

test('keeps each name once and in order after any changes', () => {
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
