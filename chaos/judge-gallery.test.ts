import { expect, test } from 'vitest'
import { judgeGallery, judgeHead } from './judge-gallery'
import { Account, type Picture } from './ledger'

const cropId = 'c'.repeat(32)

/** Somebody who was told of two pictures, the newer of which is current. Ids sort newest first. */
function somebody() {
  const account = new Account('somebody', 'uid', '', 0)
  const [older, newer] = ['a2', 'a1'].map((imageId) => {
    const picture = account.issue(imageId, 'avatars', 1)
    account.askSave(picture, { cropId, keepsOriginal: true })
    account.tellSaved(picture, { cropId, keepsOriginal: true, isCurrent: true }, { lost: 0, hasSeen: true, now: 0 })
    return picture
  }) as [Picture, Picture]
  return { account, older, newer }
}

const shown = (
  imageId: string,
  more: { current?: boolean; alt?: string; cropId?: string; original?: unknown } = {},
) => ({
  imageId,
  cropId,
  alt: '',
  current: false,
  original: {},
  ...more,
})

function findings(account: Account, all: ReturnType<typeof shown>[], now = 1): string[] {
  judgeGallery(account, 'avatars', all, now)
  return account.findings.map(({ kind, what }) => `${kind}: ${what}`)
}

test('a gallery as it was told', () => {
  expect(findings(somebody().account, [shown('a1', { current: true }), shown('a2')])).toEqual([])
})

test.each([
  ['one is missing', [shown('a1', { current: true })], 'lost: a2 was saved, and is not in the gallery'],
  [
    'two are current',
    [shown('a1', { current: true }), shown('a2', { current: true })],
    'wrong: two are current: a1,a2',
  ],
  [
    'an older one is current',
    [shown('a1'), shown('a2', { current: true })],
    'wrong: a2 is current, and a1 was told to be',
  ],
  ['none is current', [shown('a1'), shown('a2')], 'lost: none is current, and a1 was told to be'],
  [
    'another crop',
    [shown('a1', { current: true, cropId: 'd' }), shown('a2')],
    `wrong: a1 was saved as ${cropId}, and is shown as d`,
  ],
  [
    'a lost original',
    [shown('a1', { current: true, original: null }), shown('a2')],
    'lost: the original of a1 was to be kept',
  ],
  [
    'another text',
    [shown('a1', { current: true }), shown('a2', { alt: 'x' })],
    'wrong: a2 is described as "x", and was told to be ""',
  ],
  [
    'a stranger',
    [shown('a1', { current: true }), shown('a2'), shown('a3')],
    'wrong: a3 is shown, and was never theirs',
  ],
  ['oldest first', [shown('a2'), shown('a1', { current: true })], 'wrong: the gallery is not newest first: a2,a1'],
  [
    'one twice',
    [shown('a1', { current: true }), shown('a2'), shown('a2')],
    'wrong: a picture is shown twice: a1,a2,a2',
  ],
])('%s', (_, all, finding) => {
  expect(findings(somebody().account, all)).toEqual([finding])
})

test('a draft that nobody saved is not to be shown', () => {
  const { account } = somebody()
  account.issue('a3', 'avatars', 1)
  expect(findings(account, [shown('a1', { current: true }), shown('a2'), shown('a3')])).toEqual([
    'wrong: a3 is shown, and was never to be saved',
  ])
})

test('a deleted one is gone; while a save of it that was never answered is at work, it may be seen', () => {
  const { account, older } = somebody()
  account.askDeletion(older)
  account.tellDeleted(older, 1)
  older.ghostsUntil = 100
  const all = [shown('a1', { current: true }), shown('a2')]
  expect(findings(account, all, 50)).toEqual([])
  expect(findings(account, all, 101)).toEqual(['wrong: a2 was deleted, and is shown'])
})

test('a save without an answer may be shown or not, and then be current or not', () => {
  for (const isDone of [true, false]) {
    const { account } = somebody()
    account.askSave(account.issue('a0', 'avatars', 1), { cropId, keepsOriginal: true })
    const others = [shown('a1', { current: !isDone }), shown('a2')]
    expect(findings(account, isDone ? [shown('a0', { current: true }), ...others] : others)).toEqual([])
  }
})

test('where a choice had an unanswered try, either may be current, until it is read', () => {
  const { account, older, newer } = somebody()
  account.askCurrent('avatars', older.imageId)
  account.tellCurrent('avatars', older.imageId, 1, 0)
  account.askCurrent('avatars', newer.imageId)
  account.tellCurrent('avatars', newer.imageId, 0, 1)
  const olderIsCurrent = [shown('a1'), shown('a2', { current: true })]
  expect(findings(account, olderIsCurrent, 2)).toEqual([])
  const past = Number.POSITIVE_INFINITY
  expect(findings(account, olderIsCurrent, past)).toEqual([])
  expect(findings(account, [shown('a1', { current: true }), shown('a2')], past)).toEqual([
    'wrong: a1 is current, and a2 was told to be',
  ])
})

test.each([
  [{ imageId: 'a1', cropId }, []],
  [
    { imageId: 'a1', cropId: 'd'.repeat(32) },
    [`wrong: a1 was saved as ${cropId}, and is current as ${'d'.repeat(32)}`],
  ],
  [{ imageId: 'a2', cropId }, ['wrong: a2 is current, and a1 was told to be']],
  [null, ['lost: none is current, and a1 was told to be']],
])('%j beside every page', (head, expected) => {
  const { account } = somebody()
  judgeHead(account, 'avatars', head, 1)
  expect(account.findings.map(({ kind, what }) => `${kind}: ${what}`)).toEqual(expected)
})
