import { createTranslator } from 'use-intl/core'
import { expect, test, vi } from 'vitest'
import { type Collection, collections, defaultCollection } from '@/lib/images/collections'
import collectionMessages from '@/messages/en/collections.json'
import common from '@/messages/en/common.json'
import crop from '@/messages/en/crop.json'
import errors from '@/messages/en/errors.json'
import gallery from '@/messages/en/gallery.json'
import site from '@/messages/en/site.json'
import upload from '@/messages/en/upload.json'
import { collectionName, collectionWords, pagePath } from './collection'

// next-intl's server build needs Next. The tested functions get their translator as an argument.
vi.mock('next-intl', () => ({}))

const translationErrors: string[] = []
const translate = createTranslator({
  locale: 'en',
  messages: { common, collections: collectionMessages, site, upload, crop, gallery, errors },
  onError: (error) => translationErrors.push(error.message),
})
const covers = collections.find(({ name }) => name === 'covers') as Collection
/** A collection without messages. */
const teamLogos: Collection = { ...covers, name: 'team-logos', code: 'l' }

test('pagePath names every collection but the default one', () => {
  expect(pagePath('gallery', defaultCollection)).toBe('/gallery')
  expect(pagePath('upload', covers)).toBe('/upload?collection=covers')
})

test('a collection overrides general messages with its own', () => {
  expect(collectionName(translate, covers)).toBe('Covers')
  expect(collectionWords(translate, covers)('upload.title')).toBe('Upload a cover')
  expect(collectionWords(translate, covers)('gallery.deleteCurrentText', { count: 2 })).toContain('The cover in use')
})

test('a collection without messages uses its name and the general messages', () => {
  expect(collectionName(translate, teamLogos)).toBe('Team logos')
  const word = collectionWords(translate, teamLogos)
  expect(word('upload.title')).toBe('Upload a photo')
  expect(word('gallery.title')).toBe('Your photos')
  expect(word('gallery.deleteCurrentText', { count: 1 })).toBe(
    'This photo is in use. You have none until you choose another.',
  )
  // Only avatars fall back to initials.
  expect(word('gallery.deleteCurrentText', { count: 1 })).not.toContain('initials')
  expect(translationErrors).toEqual([])
})

test('every message of a collection overrides a general message', () => {
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
