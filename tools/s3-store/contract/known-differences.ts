/** A known difference between a server and S3. */
interface KnownDifference {
  /** Values of `TEST_STORE`. */
  stores: readonly string[]
  /** What the server does instead. */
  what: string
  /** Why the app works anyway. */
  harmless: string
}

/**
 * All known differences between S3 and the servers that the contract suite runs on. A test checks `differs` and asserts
 * the known behavior of the server. It fails if the server is fixed, or if it differs in another way.
 */
export const knownDifferences = {
  'post-etag': {
    stores: ['ceph'],
    what: 'The response to a POST has no ETag header.',
    harmless: 'The browser does not read it. The crop page sends a HEAD request for the upload.',
  },
  'post-bucket-field': {
    stores: ['ceph'],
    what: 'A `bucket` field with another bucket than the URL is ignored.',
    harmless: 'The URL selects the bucket, and the bucket condition of the policy is checked against it.',
  },
  'post-without-file': {
    stores: ['ceph'],
    what: 'A form without a file is stored as the two bytes of a line break.',
    harmless: 'This is not an image: a crop answers `unreadable_image`, and the upload expires.',
  },
  'post-signature-code': {
    stores: ['ceph'],
    what: 'A policy with a wrong signature is rejected with AccessDenied instead of SignatureDoesNotMatch.',
    harmless: 'The status is 403 in both cases, and the upload page has a message for both.',
  },
  'any-region': {
    stores: ['ceph'],
    what: 'A signature for another region is accepted.',
    harmless: 'The signature still requires the secret.',
  },
  'any-session-token': {
    stores: ['ceph'],
    what: 'An invalid session token is ignored.',
    harmless: 'The signature still requires the secret.',
  },
  'unsigned-headers': {
    stores: ['ceph'],
    what: 'Unsigned `x-amz-*` headers are accepted, also with a presigned PUT: an ACL, metadata.',
    harmless:
      'Uploads use POST there, which rejects them. With S3_UPLOAD_METHOD=put, the bucket has to ignore public ACLs, as `npm run bucket -- create` sets it.',
  },
  'block-public-acls': {
    stores: ['ceph'],
    what: 'With BlockPublicAcls in the public access block, every PUT of an object is rejected, also without an ACL.',
    harmless:
      '`npm run bucket -- create` sets IgnorePublicAcls, which has the same protection, and not BlockPublicAcls.',
  },
  'presigned-early': {
    stores: ['ceph'],
    what: 'A presigned URL is valid before its signing time.',
    harmless: 'The app does not sign URLs in advance.',
  },
  'header-smuggling': {
    stores: ['ceph'],
    what: 'A line break in a signed `response-*` parameter is copied to the response headers.',
    harmless: 'The app signs only file names that it creates itself. They contain no user input.',
  },
  'cors-on-refusal': {
    stores: ['ceph'],
    what: 'If a signature is rejected, the response has no CORS headers, so a page cannot read the reason.',
    harmless:
      'The page says that the store did not respond and offers to try again, with a new ticket if the old one has expired.',
  },
  'any-token': {
    stores: ['ceph'],
    what: 'A continuation token is the last key of a page, and any text is accepted as a token.',
    harmless: 'The listing stays within its prefix, which belongs to the user.',
  },
  'quoted-if-match': {
    stores: ['ceph'],
    what: '`If-Match` of a PUT matches only without the quotes of the ETag.',
    harmless: 'The app sends no PUT with `If-Match`.',
  },
  'lost-race-500': {
    stores: ['ceph'],
    what: 'A conditional PUT that loses a race may get 500 instead of 412.',
    harmless: 'The app sends no PUT with `If-Match`.',
  },
  'copy-conditions': {
    stores: ['ceph'],
    what: 'Conditions on the source or the destination of a copy are ignored.',
    harmless: 'The app compares the ETag of the copy with the expected one.',
  },
  'delete-conditions': {
    stores: ['ceph'],
    what: 'Conditions on a deletion are ignored.',
    harmless: 'The app deletes without conditions, after a tombstone.',
  },
  'delete-digest': {
    stores: ['ceph'],
    what: 'The Content-MD5 of DeleteObjects is not checked.',
    harmless: 'The SHA-256 in the signature protects the body.',
  },
  'if-range': {
    stores: ['ceph'],
    what: '`If-Range` is ignored.',
    harmless: 'The app requests whole objects.',
  },
  'new-checksums': {
    stores: ['ceph'],
    what: 'Checksums newer than Content-MD5 are ignored.',
    harmless: 'The SHA-256 in the signature protects the body.',
  },
} as const satisfies Record<string, KnownDifference>

export type DifferenceName = keyof typeof knownDifferences

/**
 * Returns whether the store under test has this difference. An endpoint has only the differences that
 * `TEST_STORE_DIFFERENCES` lists, separated by commas.
 */
export function differs(name: DifferenceName): boolean {
  return differencesOf(process.env).includes(name)
}

/** Returns the names of all differences of the store that `environment` selects. @throws Error for an unknown name */
export function differencesOf(environment: Partial<NodeJS.ProcessEnv>): string[] {
  const store = environment.TEST_STORE || 'bundled'
  const listed = (environment.TEST_STORE_DIFFERENCES ?? '').split(',').filter((name) => name !== '')
  const unknown = listed.find((name) => !Object.hasOwn(knownDifferences, name))
  if (unknown !== undefined) {
    throw new Error(`Unknown difference in TEST_STORE_DIFFERENCES: ${unknown}. See docs/stores.md for the names.`)
  }
  const known = Object.entries<KnownDifference>(knownDifferences).filter(([, { stores }]) => stores.includes(store))
  return [...known.map(([name]) => name), ...listed]
}

/** Returns the table of docs/stores.md in Markdown. */
export function differencesTable(): string {
  const rows = Object.entries<KnownDifference>(knownDifferences).map(
    ([name, { stores, what, harmless }]) => `| \`${name}\` | ${stores.join(', ')} | ${what} | ${harmless} |`,
  )
  return ['| Name | Store | Difference | Why it is harmless |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
