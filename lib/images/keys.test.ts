import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultCollection } from './collections'
import { entryKey, flags, isOriginal, keys, parseEntryKey, parseTrailKey, uploadIdOf } from './keys'
import { AltText } from './schema'

const base32 = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-v]{${length}}$`))
const uid = base32(32)
const imageId = base32(26).map((rest) => `a${rest}`)
const cropId = base32(32)
const trailId = base32(20)
const format = fc.constantFrom('jpg', 'png', 'webp', 'avif', 'gif')
const timeMs = fc.integer({ min: 0, max: 2 ** 48 - 1 })
/** Well-formed text of any script that the schema lets through. */
const alt = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => AltText.safeParse(text).data === text)

/** Those that there are, and those of a version to come. */
const letters = fc.subarray([...Object.values(flags), 'x', 'z']).map((some) => some.join(''))

const entryName = fc.record({ imageId, cropId, format, flags: letters, savedAt: fc.option(timeMs), alt })

describe('the name of an entry', () => {
  test('gives back all that it was made of, for any alt text', () => {
    fc.assert(
      fc.property(uid, entryName, fc.option(timeMs, { nil: undefined }), (owner, name, revisedAt) => {
        expect(parseEntryKey(entryKey(owner, name, revisedAt))).toEqual(name)
      }),
    )
  })

  test.each([
    '',
    'a.b/c?d#e%f&g+h "quoted" \\',
    'صورة قطة على السجادة',
    '一'.repeat(200),
    '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(11),
    '😀'.repeat(100),
  ])('keeps "%s" whole', (text) => {
    const name = {
      imageId: `a${'0'.repeat(26)}`,
      cropId: 'v'.repeat(32),
      format: 'webp',
      flags: 'ox',
      savedAt: 2 ** 48 - 1,
      alt: text,
    }
    expect(AltText.parse(text)).toBe(text)
    const key = entryKey('u'.repeat(32), name, 0)
    expect(parseEntryKey(key).alt).toBe(text)
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
  })

  test('stays within the 1,024 bytes that S3 allows, and cuts between characters only', () => {
    const text = '😀'.repeat(200)
    const name = {
      imageId: `a${'0'.repeat(26)}`,
      cropId: 'v'.repeat(32),
      format: 'webp',
      flags: 'ox',
      savedAt: 2 ** 48 - 1,
      alt: text,
    }
    const key = entryKey('u'.repeat(32), name, 0)
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
    const kept = parseEntryKey(key).alt
    expect(kept).toBe('😀'.repeat(150))
  })

  test('is one plain segment, whatever the alt text', () => {
    fc.assert(
      fc.property(uid, entryName, (owner, name) => {
        const key = entryKey(owner, name)
        expect(key.slice(keys.entries(owner).length)).toMatch(/^[\w.-]+$/)
      }),
    )
  })

  test('of the first revision is the same however often it is written, and sorts behind every later one', () => {
    fc.assert(
      fc.property(uid, entryName, timeMs, timeMs, (owner, name, earlier, later) => {
        fc.pre(earlier < later)
        expect(entryKey(owner, name)).toBe(entryKey(owner, name))
        const inOrder = [entryKey(owner, name, later), entryKey(owner, name, earlier), entryKey(owner, name)]
        expect(inOrder.toSorted()).toEqual(inOrder)
      }),
    )
  })

  test.each([
    `users/${'u'.repeat(32)}/v1/entries/`,
    `users/${'u'.repeat(32)}/v1/entries/readme.txt`,
    `users/${'u'.repeat(32)}/v1/entries/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg.`,
    `users/${'u'.repeat(32)}/v1/entries/A${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg..`,
    `users/${'u'.repeat(32)}/v1/entries/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'w'.repeat(32)}.jpg..`,
    `users/${'u'.repeat(32)}/v1/entries/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg..a+b`,
    `users/${'u'.repeat(32)}/v1/images/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg..`,
    `users/${'u'.repeat(32)}/v1/entries/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg-..`,
    `users/${'u'.repeat(32)}/v1/entries/a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg-o-x..`,
  ])('is not read into %s', (key) => {
    expect(() => parseEntryKey(key)).toThrow('not an entry')
  })
})

describe('the names below a trail', () => {
  test('give back what they were made of', () => {
    fc.assert(
      fc.property(uid, trailId, imageId, cropId, fc.boolean(), fc.boolean(), (owner, id, image, crop, ...choices) => {
        const [keepsOriginal, isAnimated] = choices
        const picture = { imageId: image, cropId: crop, isAnimated }
        const item = keys.trailItem(owner, defaultCollection, id, picture)
        expect(parseTrailKey(item)).toEqual({ kind: 'item', trailId: id, ...picture })
        const none = keys.trailItem(owner, defaultCollection, id, null)
        expect(parseTrailKey(none)).toEqual({ kind: 'none', trailId: id })
        const name = { imageId: image, cropId: crop, keepsOriginal }
        const save = keys.savePending(owner, defaultCollection, name)
        expect(parseTrailKey(save)).toEqual({ kind: 'save-pending', ...name })
        const deletion = keys.deletePending(owner, defaultCollection, image)
        expect(parseTrailKey(deletion)).toEqual({ kind: 'delete-pending', imageId: image })
        // One listing reads the marks before the items that they are about.
        expect(save < item && deletion < item && save < none).toBe(true)
      }),
    )
  })

  test.each(['', 'readme', '!save.a', '!delete', '!save'])('are not "%s"', (name) => {
    expect(() => parseTrailKey(keys.trail('u', defaultCollection) + name)).toThrow('not a name of the trail')
  })
})

test("S10: all of a person's keys lie below their own uid, at its place", () => {
  fc.assert(
    fc.property(uid, imageId, cropId, trailId, entryName, fc.string(), (owner, image, crop, id, name, etag) => {
      const c = defaultCollection
      const all = [
        keys.incomingOf(owner),
        keys.upload(owner, image),
        keys.draft(owner, image),
        keys.workingCopy(owner, image, etag),
        keys.draftRecipe(owner, image),
        keys.draftVariant(owner, image, crop, '512'),
        keys.manifest(owner, image, crop),
        keys.tombstone(owner, image),
        keys.saved(owner, image),
        keys.original(owner, image, crop),
        keys.recipe(owner, image, crop),
        keys.media(owner, image),
        keys.variant(owner, image, crop, '512'),
        keys.entries(owner),
        keys.entriesOf(owner, c),
        keys.entriesOfImage(owner, image),
        entryKey(owner, name, 5),
        keys.trail(owner, c),
        keys.trailItem(owner, c, id, { imageId: image, cropId: crop, isAnimated: true }),
        keys.trailItem(owner, c, id, null),
        keys.savePending(owner, c, { imageId: image, cropId: crop, keepsOriginal: true }),
        keys.savePending(owner, c, { imageId: image, cropId: crop, keepsOriginal: false }),
        keys.workingCopies(owner, image),
        keys.deletePending(owner, c, image),
      ]
      for (const key of all) {
        expect(key).toMatch(new RegExp(`^(incoming|drafts|users|media)/${owner}/`))
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
      }
    }),
  )
})

test('an ETag of any kind stays one segment of a key, and different ones stay different', () => {
  const etag = fc.oneof(base32(32), fc.string(), fc.constantFrom('a/b', '../..', '"x"-2', 'a_2Fb'))
  fc.assert(
    fc.property(uid, imageId, etag, (owner, image, tag) => {
      const key = keys.workingCopy(owner, image, tag)
      expect(key.slice(keys.draft(owner, image).length).split('/')).toHaveLength(2)
    }),
  )
})

test('an original is told by its key, and the working copies of an image stand together', () => {
  expect(isOriginal(keys.original('u', 'a123', 'c'))).toBe(true)
  expect(isOriginal(keys.recipe('u', 'a123', 'c'))).toBe(false)
  expect(keys.workingCopy('u', 'a123', 'etag').startsWith(keys.workingCopies('u', 'a123'))).toBe(true)
})

test('an upload tells its image id by its key', () => {
  expect(uploadIdOf(keys.upload('u', 'a123'))).toBe('a123')
})
