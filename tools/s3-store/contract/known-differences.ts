/** Something in which a server is known not to do as S3 does. */
interface KnownDifference {
  /** Names of `TEST_STORE`. */
  stores: readonly string[]
  /** What it does instead. */
  what: string
  /** Why the app works on it all the same. */
  harmless: string
}

/**
 * All differences between S3 and the servers that the suite runs against. A test that meets one asks `differs` and
 * asserts what the server is known to do instead, so a server that is mended, or worse than known, turns it red.
 */
export const knownDifferences = {
  'post-etag': {
    stores: ['ceph'],
    what: 'The answer to a POST has no ETag header.',
    harmless: 'The browser does not read it; the crop page asks for the head of the upload.',
  },
  'post-bucket-field': {
    stores: ['ceph'],
    what: 'A `bucket` field that names another bucket than the address is ignored.',
    harmless: 'The address decides where the file goes, and the policy’s condition on the bucket is held against that.',
  },
  'post-without-file': {
    stores: ['ceph'],
    what: 'A form without a file is stored as the two bytes of a line break.',
    harmless: 'They are no picture: a crop answers `unreadable_image`, and the upload expires.',
  },
  'post-signature-code': {
    stores: ['ceph'],
    what: 'A policy with a wrong signature is refused as AccessDenied, not as SignatureDoesNotMatch.',
    harmless: 'The status is 403 either way, and the upload page has a sentence for both.',
  },
  'any-region': {
    stores: ['ceph'],
    what: 'A signature made for another region is accepted.',
    harmless: 'It still takes the secret.',
  },
  'any-session-token': {
    stores: ['ceph'],
    what: 'A session token that nobody issued is ignored.',
    harmless: 'The signature still takes the secret.',
  },
  'unsigned-headers': {
    stores: ['ceph'],
    what: 'Headers `x-amz-*` that nobody signed are taken, with a presigned PUT too: an ACL, metadata.',
    harmless:
      'Uploads go by POST there, which refuses them. With S3_UPLOAD_METHOD=put, block public access to the bucket: then an ACL is refused.',
  },
  'presigned-early': {
    stores: ['ceph'],
    what: 'A presigned URL is good before the time it was signed for.',
    harmless: 'The app signs nothing ahead of time.',
  },
  'header-smuggling': {
    stores: ['ceph'],
    what: 'A line break in a signed `response-*` parameter goes into the answer as it is.',
    harmless: 'The app signs file names of its own making only; no text of a person is among them.',
  },
  'cors-on-refusal': {
    stores: ['ceph'],
    what: 'Where a signature is refused, the answer has no CORS headers, so a page cannot read why.',
    harmless:
      'The page says that the store did not answer, and offers to try again, with a new ticket where that had expired.',
  },
  'any-token': {
    stores: ['ceph'],
    what: 'A continuation token is the key that a page ended with, and any text is taken for one.',
    harmless: 'The listing stays below its prefix, which is the person’s own.',
  },
  'quoted-if-match': {
    stores: ['ceph'],
    what: '`If-Match` of a PUT fits only without the quotes that an ETag has.',
    harmless: 'The app puts nothing with `If-Match`.',
  },
  'lost-race-500': {
    stores: ['ceph'],
    what: 'Who loses a race of conditional PUTs may get 500 instead of 412.',
    harmless: 'The app puts nothing with `If-Match`.',
  },
  'copy-conditions': {
    stores: ['ceph'],
    what: 'Conditions on the source or the destination of a copy are ignored.',
    harmless: 'The app compares the ETag of the copy with the one it saw.',
  },
  'delete-conditions': {
    stores: ['ceph'],
    what: 'Conditions on a deletion are ignored.',
    harmless: 'The app deletes without conditions, after a tombstone.',
  },
  'delete-digest': {
    stores: ['ceph'],
    what: 'The Content-MD5 of a deletion of many is not checked.',
    harmless: 'The body is held by its SHA-256 in the signature.',
  },
  'if-range': {
    stores: ['ceph'],
    what: '`If-Range` is ignored.',
    harmless: 'The app asks for whole objects.',
  },
  'new-checksums': {
    stores: ['ceph'],
    what: 'Checksums newer than Content-MD5 are ignored.',
    harmless: 'The body is held by its SHA-256 in the signature.',
  },
} as const satisfies Record<string, KnownDifference>

export type DifferenceName = keyof typeof knownDifferences

/**
 * Whether the store under test is known to differ so. Of an endpoint given by environment nothing is assumed but what
 * `TEST_STORE_DIFFERENCES` lists, by these names, separated by commas.
 */
export function differs(name: DifferenceName): boolean {
  return differencesOf(process.env).includes(name)
}

/** The names of all differences of the store that the environment names. */
export function differencesOf(environment: Partial<NodeJS.ProcessEnv>): string[] {
  const store = environment.TEST_STORE || 'bundled'
  const given = (environment.TEST_STORE_DIFFERENCES ?? '').split(',').filter((name) => name !== '')
  const unknown = given.find((name) => !Object.hasOwn(knownDifferences, name))
  if (unknown !== undefined) throw new Error(`TEST_STORE_DIFFERENCES names ${unknown}, which nobody has described`)
  const known = Object.entries<KnownDifference>(knownDifferences).filter(([, { stores }]) => stores.includes(store))
  return [...known.map(([name]) => name), ...given]
}

/** The table as docs/stores.md shows it. */
export function differencesTable(): string {
  const rows = Object.entries<KnownDifference>(knownDifferences).map(
    ([name, { stores, what, harmless }]) => `| \`${name}\` | ${stores.join(', ')} | ${what} | ${harmless} |`,
  )
  return [
    '| name | store | what it does | why the app works all the same |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
