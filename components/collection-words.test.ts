import { createTranslator } from 'use-intl/core'
import { expect, test } from 'vitest'
import type { Collection } from '@/lib/images/collections'
import { collections } from '@/lib/images/collections'
import collectionMessages from '@/messages/en/collections.json'
import common from '@/messages/en/common.json'
import crop from '@/messages/en/crop.json'
import errors from '@/messages/en/errors.json'
import gallery from '@/messages/en/gallery.json'
import site from '@/messages/en/site.json'
import upload from '@/messages/en/upload.json'
import { collectionName, collectionWords } from './collection-words'

const complaints: string[] = []
const translate = createTranslator({
  locale: 'en',
  messages: { common, collections: collectionMessages, site, upload, crop, gallery, errors },
  onError: (error) => complaints.push(error.message),
})
const covers = collections.find(({ name }) => name === 'covers') as Collection
/** Nobody has written a word for it. */
const teamLogos: Collection = { ...covers, name: 'team-logos', code: 'l' }

test('a collection says in its own words what it has words for', () => {
  expect(collectionName(translate, covers)).toBe('Covers')
  expect(collectionWords(translate, covers)('upload.title')).toBe('Upload a cover')
  expect(collectionWords(translate, covers)('gallery.deleteCurrentText', { count: 2 })).toContain('Your current cover')
})

test('a collection without words has a name and says all in general ones', () => {
  expect(collectionName(translate, teamLogos)).toBe('Team logos')
  const word = collectionWords(translate, teamLogos)
  expect(word('upload.title')).toBe('Upload a picture')
  expect(word('gallery.title')).toBe('Your pictures')
  expect(word('gallery.deleteCurrentText', { count: 1 })).toBe(
    'This is your current picture. There will be none until you set another.',
  )
  // Initials stand in for an avatar alone.
  expect(word('gallery.currentRemoved')).not.toContain('initials')
  expect(complaints).toEqual([])
})

test('every word of a collection stands in for a general one', () => {
  const pathsOf = (messages: object, before = ''): string[] =>
    Object.entries(messages).flatMap(([key, value]) =>
      typeof value === 'string' ? [before + key] : pathsOf(value, `${before}${key}.`),
    )
  const general = new Set(pathsOf({ upload, crop, gallery }))
  for (const [name, words] of Object.entries(collectionMessages)) {
    expect(collections.map((collection) => collection.name)).toContain(name)
    expect(pathsOf(words).filter((path) => path !== 'name' && !general.has(path))).toEqual([])
  }
})
