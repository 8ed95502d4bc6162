import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultCollection } from '@/lib/images/collections'
import { AltText } from '@/lib/images/schema'
import { createUploadId, imageIdOf, invertTime } from './ids'
import {
  entryKey,
  firstRevision,
  flags,
  imageIdInKey,
  keys,
  parseEntryKey,
  parseTrailKey,
  posterOf,
  revisionAt,
  uploadIdInKey,
} from './keys'

const base32 = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-v]{${length}}$`))
const uid = base32(32)
const uploadId = base32(26).map((tail) => `a${tail}`)
const imageId = base32(42).map((tail) => `a${tail}`)
const cropId = base32(32)
const trailId = base32(20)
const format = fc.constantFrom('jpg', 'png', 'webp', 'avif', 'gif')
const timeMs = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const revision = fc.oneof(fc.constant(firstRevision), timeMs.map(revisionAt))
/** Text in any script that the schema accepts. */
const alt = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => AltText.safeParse(text).data === text)
/** The known flags and two flags of a newer build. */
const letters = fc.subarray([...Object.values(flags), 'x', 'z']).map((some) => some.join(''))
const entryName = fc.record({ imageId, revision, cropId, format, flags: letters, alt })

const someEntry = {
  imageId: `a${'0'.repeat(42)}`,
  revision: firstRevision,
  cropId: 'v'.repeat(32),
  format: 'webp',
  flags: 'ox',
  alt: '',
}

describe('the name of an entry', () => {
  test('parses to the same data, for any alt text', () => {
    fc.assert(
      fc.property(uid, entryName, (owner, name) => {
        expect(parseEntryKey(entryKey(owner, name))).toEqual(name)
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
  ])('keeps the alt text "%s"', (text) => {
    expect(AltText.parse(text)).toBe(text)
    const key = entryKey('u'.repeat(32), { ...someEntry, alt: text })
    expect(parseEntryKey(key)?.alt).toBe(text)
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
  })

  test('fits in 1,024 bytes, cutting the alt text between characters', () => {
    const key = entryKey('u'.repeat(32), { ...someEntry, alt: '😀'.repeat(200) })
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
    expect(parseEntryKey(key)?.alt).toBe('😀'.repeat(150))
  })

  test('is one path segment of plain characters, for any alt text', () => {
    fc.assert(
      fc.property(uid, entryName, (owner, name) => {
        expect(entryKey(owner, name).slice(keys.entries(owner).length)).toMatch(/^[\w.-]+$/)
      }),
    )
  })

  test('sorts newest revision first and the save’s revision last', () => {
    fc.assert(
      fc.property(uid, entryName, timeMs, timeMs, (owner, name, earlier, later) => {
        fc.pre(earlier < later)
        const revisions = [revisionAt(later), revisionAt(earlier), firstRevision]
        const inOrder = revisions.map((one) => entryKey(owner, { ...name, revision: one }))
        expect(inOrder.toSorted()).toEqual(inOrder)
      }),
    )
  })

  test('begins with the prefixes of its image, upload and collection', () => {
    fc.assert(
      fc.property(uid, timeMs, cropId, entryName, (owner, ms, crop, name) => {
        const upload = createUploadId(owner, defaultCollection, ms)
        const image = imageIdOf(owner, upload, crop, true)
        const key = entryKey(owner, { ...name, imageId: image })
        expect(key.startsWith(keys.entriesOfImage(owner, image))).toBe(true)
        expect(key.startsWith(keys.entriesOfUpload(owner, upload))).toBe(true)
        expect(key.startsWith(keys.entriesOfCollection(owner, defaultCollection))).toBe(true)
        expect(key < keys.afterEntriesOfImage(owner, image)).toBe(true)
      }),
    )
  })

  test('sorts after all entries of the image before it', () => {
    fc.assert(
      fc.property(uid, entryName, imageId, (owner, name, next) => {
        fc.pre(name.imageId < next)
        expect(keys.afterEntriesOfImage(owner, name.imageId) < entryKey(owner, { ...name, imageId: next })).toBe(true)
      }),
    )
  })

  test.each([
    '',
    'readme.txt',
    // A name of a newer build, with one more part.
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg..more`,
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.`,
    `A${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg.`,
    `a${'0'.repeat(26)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg.`,
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'w'.repeat(32)}.jpg.`,
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg.a+b`,
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg-.`,
    `a${'0'.repeat(42)}.${'v'.repeat(10)}.${'v'.repeat(32)}.jpg-o-x.`,
  ])('parses to null if it is "%s"', (name) => {
    expect(parseEntryKey(keys.entries('u'.repeat(32)) + name)).toBeNull()
  })

  test('parses to null below another prefix', () => {
    const key = entryKey('u'.repeat(32), someEntry)
    expect(parseEntryKey(key.replace('/entries/', '/others/'))).toBeNull()
  })
})

describe('the names below a trail', () => {
  test('parse to the same data', () => {
    fc.assert(
      fc.property(uid, trailId, imageId, fc.boolean(), (owner, id, image, isAnimated) => {
        const item = keys.trailItem(owner, defaultCollection, id, { imageId: image, isAnimated })
        expect(parseTrailKey(item)).toEqual({ kind: 'item', trailId: id, image: { imageId: image, isAnimated } })
        const none = keys.trailItem(owner, defaultCollection, id, null)
        expect(parseTrailKey(none)).toEqual({ kind: 'item', trailId: id, image: null })
        const tombstone = keys.tombstone(owner, defaultCollection, image)
        expect(parseTrailKey(tombstone)).toEqual({ kind: 'tombstone', imageId: image })
        const cleaned = keys.cleaned(owner, defaultCollection, '2026-11-28')
        expect(parseTrailKey(cleaned)).toEqual({ kind: 'cleaned', day: '2026-11-28' })
      }),
    )
  })

  test('rule 6: tombstones sort before all items, so every listing shows them', () => {
    fc.assert(
      fc.property(uid, trailId, imageId, imageId, (owner, id, image, other) => {
        const tombstone = keys.tombstone(owner, defaultCollection, image)
        for (const shown of [{ imageId: other, isAnimated: false }, null]) {
          expect(tombstone < keys.trailItem(owner, defaultCollection, id, shown)).toBe(true)
        }
      }),
    )
  })

  test.each([
    '',
    'readme',
    '!deleted',
    '!deleted.',
    '!newer.a0',
    `${'0'.repeat(20)}`,
    `${'0'.repeat(20)}.nothing`,
    `${'0'.repeat(20)}.a${'0'.repeat(42)}.a.b`,
    `${'0'.repeat(20)}.a${'0'.repeat(26)}`,
    `${'0'.repeat(19)}.none`,
  ])('parse to null for "%s"', (name) => {
    expect(parseTrailKey(keys.trail('u', defaultCollection) + name)).toBeNull()
  })

  test('ignore flags of a newer build', () => {
    const key = keys.trailItem('u', defaultCollection, '0'.repeat(20), {
      imageId: `a${'0'.repeat(42)}`,
      isAnimated: true,
    })
    expect(parseTrailKey(`${key}xz`)).toMatchObject({ image: { isAnimated: true } })
  })
})

test('S10: all keys of a person contain their uid after the first slash', () => {
  fc.assert(
    fc.property(
      uid,
      uploadId,
      imageId,
      cropId,
      trailId,
      entryName,
      fc.string(),
      (owner, upload, image, crop, id, name, etag) => {
        const c = defaultCollection
        const all = [
          keys.uploadsOf(owner),
          keys.upload(owner, upload),
          keys.draft(owner, upload),
          keys.workingCopy(owner, upload, etag),
          keys.draftVariant(owner, upload, crop, '512'),
          keys.draftVariant(owner, upload, crop, posterOf('512')),
          keys.manifest(owner, upload, crop),
          keys.originals(owner, c),
          keys.original(owner, image),
          keys.media(owner, c),
          keys.mediaOfImage(owner, image),
          keys.variant(owner, image, '512'),
          keys.variant(owner, image, posterOf('512')),
          keys.entries(owner),
          keys.entriesOfCollection(owner, c),
          keys.entriesOfUpload(owner, upload),
          keys.entriesOfImage(owner, image),
          keys.afterEntriesOfImage(owner, image),
          entryKey(owner, name),
          keys.trail(owner, c),
          keys.trailItem(owner, c, id, { imageId: image, isAnimated: true }),
          keys.trailItem(owner, c, id, null),
          keys.tombstone(owner, c, image),
          keys.cleaned(owner, c, '2026-11-28'),
        ]
        for (const key of all) {
          expect(key).toMatch(new RegExp(`^(incoming|drafts|users|media)/${owner}/`))
          expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024)
        }
      },
    ),
  )
})

test('escapes any ETag into one path segment', () => {
  const etag = fc.oneof(base32(32), fc.string(), fc.constantFrom('a/b', '../..', '"x"-2', 'a_2Fb'))
  fc.assert(
    fc.property(uid, uploadId, etag, (owner, upload, tag) => {
      const key = keys.workingCopy(owner, upload, tag)
      expect(key.slice(keys.draft(owner, upload).length).split('/')).toHaveLength(2)
    }),
  )
})

test('parses the ids in keys', () => {
  fc.assert(
    fc.property(uid, uploadId, imageId, (owner, upload, image) => {
      expect(uploadIdInKey(keys.upload(owner, upload))).toBe(upload)
      expect(imageIdInKey(keys.variant(owner, image, '512'))).toBe(image)
      expect(imageIdInKey(keys.original(owner, image))).toBe(image)
      expect(imageIdInKey(`${keys.entriesOfImage(owner, image)}of-a-newer-version`)).toBe(image)
    }),
  )
  expect(imageIdInKey('media/u/readme')).toBeNull()
  expect(imageIdInKey(`media/u/a${'0'.repeat(26)}/512.webp`)).toBeNull()
  expect(imageIdInKey(`users/u/v1/trail/a${'0'.repeat(42)}`)).toBeNull()
})

test('rule 7: copies sort after a time exactly if T is earlier', () => {
  fc.assert(
    fc.property(uid, timeMs, timeMs, cropId, (owner, ms, cut, crop) => {
      fc.pre(ms !== cut)
      const image = imageIdOf(owner, createUploadId(owner, defaultCollection, ms), crop, true)
      for (const [prefix, key] of [
        [keys.media(owner, defaultCollection), keys.variant(owner, image, '512')],
        [keys.originals(owner, defaultCollection), keys.original(owner, image)],
      ] as const) {
        expect(key > prefix + invertTime(cut)).toBe(ms < cut)
      }
    }),
  )
})
