import { describe, expect, test } from 'vitest'
import { addClaims, findRefusal, toPerson } from './person'

const claims = {
  iss: 'https://login.example.org',
  sub: '1',
  name: 'Ada',
  email: 'ada@example.org',
  email_verified: true,
}
const groups = { groupsClaim: 'groups' }
const read = (more: object = {}) => toPerson({ ...claims, ...more }, groups)

describe('the person of an ID token', () => {
  test('is issuer and subject, with name and e-mail address to show', () => {
    expect(read().identity).toEqual({ issuer: claims.iss, subject: '1', name: 'Ada', email: claims.email })
  })

  test.each([
    [{ name: undefined, preferred_username: 'adal' }, 'adal'],
    [{ name: '', preferred_username: undefined }, 'ada'],
    [{ name: undefined, email: undefined }, '1'],
    [{ name: 17 }, 'ada'],
    [{ name: 'A\r\nd\0a\ud83d' }, 'Ada'],
    [{ name: '\n' }, '1'],
    [{ name: `${'a'.repeat(199)}😀` }, 'a'.repeat(199)],
  ])('%j is shown as %s', (more, name) => {
    expect(read(more).identity.name).toBe(name)
  })

  test('S22: does not contain the address of a picture', () => {
    expect(JSON.stringify(read({ picture: 'https://evil.example/me.jpg' }))).not.toContain('evil.example')
  })

  test('keeps long texts short: a cookie holds them', () => {
    expect(read({ name: 'a'.repeat(5_000) }).identity.name).toHaveLength(200)
  })

  test.each([
    [
      ['staff', 'board'],
      ['staff', 'board'],
    ],
    ['staff', ['staff']],
    [undefined, []],
    [{ staff: true }, []],
    [['staff', 1], []],
  ])('groups %j are read as %j', (claim, expected) => {
    expect(read({ groups: claim }).groups).toEqual(expected)
  })

  test('reads groups from the configured claim', () => {
    expect(
      toPerson({ ...claims, 'https://example.org/roles': ['a'] }, { groupsClaim: 'https://example.org/roles' }).groups,
    ).toEqual(['a'])
  })

  test.each([{ sub: undefined }, { sub: '' }, { sub: 5 }, { sub: 's'.repeat(256) }, { iss: undefined }])(
    'S28: rejects %j',
    (more) => {
      expect(() => read(more)).toThrow()
    },
  )
})

describe('S28: who may sign in', () => {
  const domains = { allowedDomains: ['example.org'], allowedGroups: undefined }

  test('everyone, without a limit', () => {
    const everyone = { allowedDomains: undefined, allowedGroups: undefined }
    expect(findRefusal(read({ email: undefined, email_verified: undefined }), everyone)).toBeNull()
  })

  test.each(['ada@example.org', 'ADA@EXAMPLE.ORG'])('%s, with a verified address of the domain', (email) => {
    expect(findRefusal(read({ email }), domains)).toBeNull()
    expect(findRefusal(read({ email, email_verified: 'true' }), domains)).toBeNull()
  })

  test.each([
    'ada@elsewhere.example',
    // The session keeps 200 characters of it.
    `${'a'.repeat(188)}@example.org.evil.example`,
    'ada@sub.example.org',
    'ada@notexample.org',
    'ada@example.org.evil.example',
    'ada@example.org@evil.example',
    'ada@evil.example@example.org',
    'example.org',
    '@example.org',
    'ada@example.org ',
    'ada@example.org\n',
    '"ada@evil.example"@example.org',
    'ada@example.org.',
    'ada@exаmple.org',
    undefined,
  ])('not %s', (email) => {
    expect(findRefusal(read({ email }), domains)).toBe('not_allowed')
  })

  test.each([false, 'false', undefined, 1, 'yes', null])('not with email_verified %j', (verified) => {
    expect(findRefusal(read({ email_verified: verified }), domains)).toBe('not_verified')
  })

  test('only people of an allowed group, by its exact name', () => {
    const limit = { allowedDomains: undefined, allowedGroups: ['staff', 'board'] }
    expect(findRefusal(read({ groups: ['guests', 'board'] }), limit)).toBeNull()
    expect(findRefusal(read({ groups: ['Staff', 'staff '] }), limit)).toBe('not_allowed')
    expect(findRefusal(read(), limit)).toBe('not_allowed')
  })

  test('both must be true if both are limited', () => {
    const limit = { allowedDomains: ['example.org'], allowedGroups: ['staff'] }
    expect(findRefusal(read({ groups: ['staff'] }), limit)).toBeNull()
    expect(findRefusal(read(), limit)).toBe('not_allowed')
    expect(findRefusal(read({ groups: ['staff'], email: 'ada@elsewhere.example' }), limit)).toBe('not_allowed')
  })
})

describe('claims of the UserInfo endpoint', () => {
  const token = { sub: '1', email: 'ada@example.org' }

  test('are added to those of the ID token, which win', () => {
    const info = { sub: '2', name: 'Ada', email: 'ada@example.org', email_verified: true }
    expect(addClaims(token, info)).toEqual({ ...info, sub: '1' })
    expect(addClaims({ sub: '1' }, info)).toEqual({ ...info, sub: '1' })
  })

  test('S28: do not verify an address that is another one in the ID token', () => {
    const info = { email: 'mallory@elsewhere.example', email_verified: true }
    expect(addClaims(token, info)).toEqual(token)
    expect(addClaims({ ...token, email_verified: false }, info)).toEqual({ ...token, email_verified: false })
  })
})
