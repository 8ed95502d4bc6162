import { describe, expect, test } from 'vitest'
import { parseEnv } from '@/lib/env'
import { type Collection, collectionOf, collections, defaultCollection, findCollection } from './collections'
import { hasAspect } from './geometry'
import { bucketName } from './storage/bucket-name'

describe.each(collections.map((collection) => [collection.name, collection] as const))('%s', (_name, collection) => {
  test('is found by its name and by the first letter of its ids', () => {
    expect(collection.name).toMatch(/^[a-z][a-z-]*$/)
    expect(collection.code).toMatch(/^[a-z]$/)
    expect(findCollection(collection.name)).toBe(collection)
    expect(collectionOf(`${collection.code}000`)).toBe(collection)
  })

  test('has uniquely named variants of its aspect, largest first', () => {
    const widths = collection.variants.map(({ width }) => width)
    expect(widths).toEqual([...widths].sort((one, other) => other - one))
    expect(new Set(collection.variants.map(({ name }) => name)).size).toBe(collection.variants.length)
    for (const variant of collection.variants) {
      expect(variant.name).toMatch(/^[0-9a-z]+$/)
      expect(hasAspect(variant, collection.aspect), variant.name).toBe(true)
    }
  })
})

test('returns undefined for an unknown name or letter', () => {
  expect(findCollection('logos')).toBeUndefined()
  expect(findCollection('')).toBeUndefined()
  expect(collectionOf('z000')).toBeUndefined()
  expect(collectionOf('')).toBeUndefined()
})

describe('the bucket of a collection', () => {
  const common = {
    APP_ORIGIN: 'http://localhost:3000',
    AWS_REGION: 'eu-central-1',
    S3_BUCKET: 'pictures',
    AUTH_MODE: 'guest',
    SESSION_SECRETS: 'a'.repeat(32),
  }
  const covers = findCollection('covers') as Collection

  test('is the common bucket unless the collection has its own', () => {
    expect(bucketName(parseEnv(common), covers)).toBe('pictures')
    const own = parseEnv({ ...common, S3_BUCKET_COVERS: 'banners' })
    expect(bucketName(own, covers)).toBe('banners')
    expect(bucketName(own, defaultCollection)).toBe('pictures')
  })

  test('is set by a variable without hyphens, whatever the collection’s name', () => {
    // A host accepts only the variables of collections that exist.
    const own = { ...parseEnv(common), bucketsOfCollections: { TEAM_LOGOS: 'logos' } }
    expect(bucketName(own, { ...covers, name: 'team-logos' })).toBe('logos')
  })
})
