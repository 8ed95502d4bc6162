import { expect, test } from 'vitest'
import { guestCredentials } from './credentials'
import { judgeGallery, judgeHead } from './judge-gallery'
import { Account, type Image } from './ledger'

const cropId = 'c'.repeat(32)

/** Creates upload ids that sort by this number, newest first. */
const uploadIdOf = (number: number) => `a${String(number).padStart(18, '0')}${'s'.repeat(8)}`

function saveOf(account: Account, number: number, keepsOriginal = true): Image {
  const uploadId = uploadIdOf(number)
  const upload = account.uploads.get(uploadId) ?? account.issue(uploadId, 'avatars', 1)
  return account.requestSave(upload, { cropId, keepsOriginal })
}

/** Creates a person with two saved images. The newer one is current. */
function createPerson() {
  const account = new Account('person', 'uid', guestCredentials(''), 0)
  const [older, newer] = [2, 1].map((number) => {
    const image = saveOf(account, number)
    account.confirmSave(image, true, 0)
    return image
  }) as [Image, Image]
  return { account, older, newer }
}

interface Changes {
  current?: boolean
  alt?: string
  cropId?: string
  uploadId?: string
  original?: unknown
}

const shown = ({ imageId, upload }: Image, changes: Changes = {}) => ({
  imageId,
  uploadId: upload.uploadId,
  cropId,
  alt: '',
  current: false,
  original: {},
  ...changes,
})

function findings(account: Account, all: ReturnType<typeof shown>[], now = 1): string[] {
  judgeGallery(account, 'avatars', all, now)
  return account.findings.map(({ kind, what }) => `${kind}: ${what}`)
}

test('accepts a gallery that shows what was acknowledged', () => {
  const { account, older, newer } = createPerson()
  expect(findings(account, [shown(newer, { current: true }), shown(older)])).toEqual([])
})

type Case = [string, (newer: Image, older: Image) => [ReturnType<typeof shown>[], string]]

test.each<Case>([
  [
    'a missing image',
    (newer, older) => [[shown(newer, { current: true })], `lost: ${older.imageId} was saved but is not in the gallery`],
  ],
  [
    'two current images',
    (newer, older) => [
      [shown(newer, { current: true }), shown(older, { current: true })],
      `wrong: two images are current: ${newer.imageId},${older.imageId}`,
    ],
  ],
  [
    'an older image as current',
    (newer, older) => [
      [shown(newer), shown(older, { current: true })],
      `wrong: ${older.imageId} is current instead of ${newer.imageId}`,
    ],
  ],
  [
    'no current image',
    (newer, older) => [[shown(newer), shown(older)], `lost: no image is current instead of ${newer.imageId}`],
  ],
  [
    'another crop',
    (newer, older) => [
      [shown(newer, { current: true, cropId: 'd' }), shown(older)],
      `wrong: ${newer.imageId} was saved as ${cropId} but is shown as d`,
    ],
  ],
  [
    'another upload',
    (newer, older) => [
      [shown(newer, { current: true, uploadId: 'd' }), shown(older)],
      `wrong: ${newer.imageId} belongs to upload ${newer.upload.uploadId} but is shown as of d`,
    ],
  ],
  [
    'a lost original',
    (newer, older) => [
      [shown(newer, { current: true, original: null }), shown(older)],
      `lost: ${newer.imageId} has no original`,
    ],
  ],
  [
    'another description',
    (newer, older) => [
      [shown(newer, { current: true }), shown(older, { alt: 'x' })],
      `wrong: ${older.imageId} has the description "x" instead of ""`,
    ],
  ],
  [
    'an image of someone else',
    (newer, older) => [
      [shown(newer, { current: true }), shown(older), { ...shown(older), imageId: 'z' }],
      'wrong: z is shown but was never saved by this person',
    ],
  ],
  [
    'the oldest image first',
    (newer, older) => [
      [shown(older), shown(newer, { current: true })],
      `wrong: the gallery is not newest first: ${older.imageId},${newer.imageId}`,
    ],
  ],
  [
    'an image twice',
    (newer, older) => [
      [shown(newer, { current: true }), shown(older), shown(older)],
      `wrong: the gallery shows an image twice: ${newer.imageId},${older.imageId},${older.imageId}`,
    ],
  ],
])('reports %s', (_, makeCase) => {
  const { account, older, newer } = createPerson()
  const [all, finding] = makeCase(newer, older)
  expect(findings(account, all)).toEqual([finding])
})

test('reports an original that must not exist', () => {
  const { account, newer, older } = createPerson()
  const bare = saveOf(account, 3, false)
  account.confirmSave(bare, true, 0)
  const all = [shown(newer), shown(older), shown(bare, { current: true })]
  expect(findings(account, all)).toEqual([`wrong: ${bare.imageId} was saved without its original but has one`])
})

test('never accepts a deleted image, neither shown nor current', () => {
  const { account, older, newer } = createPerson()
  account.requestDeletion(newer)
  account.confirmDeletion(newer, 1)
  expect(findings(account, [shown(older)])).toEqual([])
  expect(findings(account, [shown(newer), shown(older)])).toEqual([`wrong: ${newer.imageId} was deleted but is shown`])
})

test('accepts both outcomes of a failed deletion until the gallery shows one', () => {
  for (const isDone of [true, false]) {
    const { account, older, newer } = createPerson()
    account.requestDeletion(newer)
    account.failDeletion(newer, 1)
    expect(findings(account, isDone ? [shown(older)] : [shown(newer, { current: true }), shown(older)])).toEqual([])
    const expected = isDone ? [`wrong: ${newer.imageId} was deleted but is shown`] : []
    expect(findings(account, [shown(newer, { current: !isDone }), shown(older)], 2)).toEqual(expected)
  }
})

test('expects an image in the store if its failed deletion had no effect at the end', () => {
  const { account, older, newer } = createPerson()
  account.requestDeletion(newer)
  account.failDeletion(newer, 1)
  findings(account, [shown(newer, { current: true }), shown(older)], Number.POSITIVE_INFINITY)
  expect(newer.deletion).toBe('none')
})

test('accepts both outcomes of a save without a response until the gallery shows one', () => {
  for (const isDone of [true, false]) {
    const { account, older, newer } = createPerson()
    const pending = saveOf(account, 0)
    const others = [shown(newer, { current: !isDone }), shown(older)]
    expect(findings(account, isDone ? [shown(pending, { current: true }), ...others] : others)).toEqual([])
    expect(pending.isSaved).toBe(isDone)
  }
})

test('accepts either of two concurrent saves as current until a page shows one', () => {
  const { account, older, newer } = createPerson()
  const race = [saveOf(account, 0), saveOf(account, 0, false)] as const
  account.confirmRace(
    race.map((image) => ({ image, isCurrent: true, lost: 0 })),
    5,
  )
  const galleryOf = (current: Image) =>
    [...race, newer, older]
      .toSorted((one, other) => (one.imageId < other.imageId ? -1 : 1))
      .map((image) => shown(image, { current: image === current, original: image.keepsOriginal ? {} : null }))
  expect(findings(account, galleryOf(race[0]), 6)).toEqual([])
  expect(findings(account, galleryOf(race[1]), 7)).toEqual([
    `wrong: ${race[1].imageId} is current instead of ${race[0].imageId}`,
  ])
})

test('accepts a choice with a lost try as current until a later page shows another', () => {
  const { account, older, newer } = createPerson()
  account.requestCurrent('avatars', older.imageId)
  account.confirmCurrent('avatars', older.imageId, 1, 0)
  account.requestCurrent('avatars', newer.imageId)
  account.confirmCurrent('avatars', newer.imageId, 0, 1)
  const olderIsCurrent = [shown(newer), shown(older, { current: true })]
  expect(findings(account, olderIsCurrent, 2)).toEqual([])
  const past = Number.POSITIVE_INFINITY
  expect(findings(account, olderIsCurrent, past)).toEqual([])
  expect(findings(account, [shown(newer, { current: true }), shown(older)], past)).toEqual([
    `wrong: ${newer.imageId} is current instead of ${older.imageId}`,
  ])
})

test('checks the current image in the header', () => {
  for (const [choose, expected] of [
    [({ newer }) => newer, []],
    [({ older }) => older, ['wrong']],
    [() => null, ['lost']],
  ] as [(person: ReturnType<typeof createPerson>) => Image | null, string[]][]) {
    const person = createPerson()
    judgeHead(person.account, 'avatars', choose(person), 1)
    expect(person.account.findings.map(({ kind }) => kind)).toEqual(expected)
  }
})
