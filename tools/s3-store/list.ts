import { createHmac } from 'node:crypto'
import { StoreError } from './errors'
import { afterPrefix, fromByteString, type IndexEntry, toByteString } from './key-index'
import { sameSignature } from './signature'
import { encodeKey, type Query } from './target'
import { branch, leaf, xmlDocument } from './xml'

const maxPageKeys = 1000

/** Yields live entries in order, starting at a name. `next(name)` jumps forward to that name. */
type Entries = (from: string) => Generator<IndexEntry, void, string | undefined>

/** A page of a listing. Names are byte strings. `truncatedAfter` is the last name, if more follow. */
type Page = { objects: IndexEntry[]; commonPrefixes: string[]; truncatedAfter?: string }

type PageRequest = { prefix: string; delimiter: string; after: string; maxKeys: number }

/**
 * Lists one page. Keys that are equal up to a delimiter count as one entry and are skipped with one step.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
function listPage(entries: Entries, { prefix, delimiter, after, maxKeys }: PageRequest): Page {
  const page: Page = { objects: [], commonPrefixes: [] }
  if (maxKeys === 0) return page
  const walk = entries(startOf(prefix, delimiter, after))
  let last = ''
  let step = walk.next()
  while (!step.done && step.value.name.startsWith(prefix)) {
    if (page.objects.length + page.commonPrefixes.length === maxKeys) return { ...page, truncatedAfter: last }
    const group = groupOf(step.value.name, prefix, delimiter)
    if (group === undefined) page.objects.push(step.value)
    else page.commonPrefixes.push(group)
    last = group ?? step.value.name
    step = walk.next(group === undefined ? undefined : afterPrefix(group))
  }
  return page
}

/** Returns the first name that a page may contain. After a common prefix, that is the first name after all its keys. */
function startOf(prefix: string, delimiter: string, after: string): string {
  const next = groupOf(after, prefix, delimiter) === after ? afterPrefix(after) : `${after}\0`
  return after === '' || next < prefix ? prefix : next
}

/** Returns the name up to and including the first delimiter after the prefix. */
function groupOf(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !name.startsWith(prefix)) return undefined
  const end = name.indexOf(delimiter, prefix.length)
  return end === -1 ? undefined : name.slice(0, end + delimiter.length)
}

/** Returns the response of ListObjectsV2 as XML. `secret` authenticates the continuation tokens. */
export function listObjectsDocument(bucketName: string, entries: Entries, query: Query, secret: string): string {
  const parameter = (name: string) => query.get(name) ?? ''
  const token = query.get('continuation-token')
  const prefix = parameter('prefix')
  const delimiter = parameter('delimiter')
  const maxKeys = parseMaxKeys(query.get('max-keys'))
  const show = parseEncoding(query.get('encoding-type'))
  const page = listPage(entries, {
    prefix: toByteString(prefix),
    delimiter: toByteString(delimiter),
    after: token === undefined ? toByteString(parameter('start-after')) : openToken(token, bucketName, secret),
    maxKeys,
  })
  const owner = query.get('fetch-owner') === 'true' ? [ownerMarkup()] : []
  const optional = (name: string, value: string | undefined) => (value === undefined ? [] : [leaf(name, value)])
  return xmlDocument('ListBucketResult', [
    leaf('Name', bucketName),
    leaf('Prefix', show(prefix)),
    ...optional('Delimiter', query.get('delimiter') && show(delimiter)),
    ...optional('StartAfter', query.get('start-after') && show(parameter('start-after'))),
    ...optional('EncodingType', query.get('encoding-type')),
    leaf('MaxKeys', maxKeys),
    leaf('KeyCount', page.objects.length + page.commonPrefixes.length),
    leaf('IsTruncated', page.truncatedAfter !== undefined),
    ...optional('ContinuationToken', token),
    ...optional('NextContinuationToken', page.truncatedAfter && sealToken(page.truncatedAfter, bucketName, secret)),
    ...page.objects.map(({ name, size, etag, lastModified }) =>
      branch('Contents', [
        leaf('Key', show(fromByteString(name))),
        leaf('LastModified', new Date(lastModified).toISOString()),
        leaf('ETag', etag),
        leaf('Size', size),
        ...owner,
        leaf('StorageClass', 'STANDARD'),
      ]),
    ),
    ...page.commonPrefixes.map((name) => branch('CommonPrefixes', [leaf('Prefix', show(fromByteString(name)))])),
  ])
}

/** Returns the first page of ListObjectVersions as XML. */
export function listVersionsDocument(bucketName: string, entries: Entries, query: Query): string {
  const prefix = query.get('prefix') ?? ''
  const maxKeys = parseMaxKeys(query.get('max-keys'))
  const show = parseEncoding(query.get('encoding-type'))
  const page = listPage(entries, { prefix: toByteString(prefix), delimiter: '', after: '', maxKeys })
  return xmlDocument('ListVersionsResult', [
    leaf('Name', bucketName),
    leaf('Prefix', show(prefix)),
    leaf('MaxKeys', maxKeys),
    leaf('IsTruncated', page.truncatedAfter !== undefined),
    ...page.objects.map(({ name, size, etag, lastModified }) =>
      branch('Version', [
        leaf('Key', show(fromByteString(name))),
        leaf('VersionId', 'null'),
        leaf('IsLatest', true),
        leaf('LastModified', new Date(lastModified).toISOString()),
        leaf('ETag', etag),
        leaf('Size', size),
        leaf('StorageClass', 'STANDARD'),
      ]),
    ),
  ])
}

/** Returns the XML of the only owner. */
export function ownerMarkup(): string {
  return branch('Owner', [leaf('ID', 'development'), leaf('DisplayName', 'development')])
}

function parseMaxKeys(text: string | undefined): number {
  if (text === undefined || text === '') return maxPageKeys
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) {
    throw new StoreError('InvalidArgument', 'Argument max-keys must be an integer between 0 and 2147483647', {
      ArgumentName: 'max-keys',
      ArgumentValue: text,
    })
  }
  return Math.min(Number(text), maxPageKeys)
}

function parseEncoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text
  if (type === 'url') return encodeKey
  throw new StoreError('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    ArgumentName: 'encoding-type',
    ArgumentValue: type,
  })
}

/** Creates a continuation token. It has a MAC, so that clients cannot construct tokens. */
function sealToken(after: string, bucketName: string, secret: string): string {
  const position = Buffer.from(after, 'latin1')
  return Buffer.concat([sealOf(position, bucketName, secret), position]).toString('base64url')
}

function openToken(token: string, bucketName: string, secret: string): string {
  const bytes = Buffer.from(token, 'base64url')
  const position = bytes.subarray(16)
  const seal = sealOf(position, bucketName, secret)
  if (!sameSignature(seal.toString('hex'), bytes.subarray(0, 16).toString('hex'))) {
    throw new StoreError('InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    })
  }
  return position.toString('latin1')
}

function sealOf(position: Buffer, bucketName: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${bucketName}\n`).update(position).digest().subarray(0, 16)
}
