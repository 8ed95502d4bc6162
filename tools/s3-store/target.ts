import { StoreError } from './errors'

/** The target of a request, path style only: `/`, `/bucket` or `/bucket/key`. `path` is its encoded form for signatures. */
export type Target = { bucket: string; key: string; path: string; query: Query }

/** The decoded query. A name can occur more than once. */
export class Query {
  constructor(readonly pairs: readonly (readonly [name: string, value: string])[]) {}

  get(name: string): string | undefined {
    return this.pairs.find(([other]) => other === name)?.[1]
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }
}

/**
 * Splits and decodes a request target. Does not use `URL`, which resolves `..` and `//`: S3 allows both in keys.
 * @throws StoreError InvalidURI
 */
export function parseTarget(requestTarget: string): Target {
  const withoutOrigin = requestTarget.replace(/^https?:\/\/[^/?]*/i, '')
  const [rawPath = '', ...rest] = withoutOrigin.split('?')
  const path = decode(rawPath)
  const slash = path.indexOf('/', 1)
  const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash)
  const key = slash === -1 ? '' : path.slice(slash + 1)
  return { bucket, key, path: encodeKey(path), query: parseQuery(rest.join('?')) }
}

function parseQuery(text: string): Query {
  const pairs = text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [decode(name.replaceAll('+', ' ')), decode(value.join('=').replaceAll('+', ' '))] as const
    })
  return new Query(pairs)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new StoreError('InvalidURI')
  }
}

/**
 * Percent-encodes all characters except the unreserved ones of RFC 3986, like UriEncode of SigV4.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Percent-encodes a key; keeps its slashes. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeStrictly).join('/')
}

/** Checks that a key has at most 1,024 bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export function requireValidKey(key: string): void {
  const bytes = Buffer.byteLength(key, 'utf8')
  if (bytes > 1024) throw new StoreError('KeyTooLongError', undefined, { Size: bytes, MaxSizeAllowed: 1024 })
}
