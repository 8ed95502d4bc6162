import { StoreError } from './errors'
import { toByteString } from './key-index'
import { branch, childNodes, childText, leaf, parseXml, type XmlNode, xmlDocument } from './xml'

/** A rule: objects under `prefix` expire `days` days after they were written. */
export type LifecycleRule = {
  id: string
  enabled: boolean
  prefix: string
  days?: number
  /** Stored and returned, but without effect: this store has no multipart uploads. */
  abortUploadAfterDays?: number
}

/** The effect of an enabled rule: a prefix as a byte string, and an age. */
export type Expiry = { prefix: string; days: number }

const unsupportedActions = ['Transition', 'NoncurrentVersionTransition', 'NoncurrentVersionExpiration']
const unsupportedFilters = ['Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan']

/**
 * Parses and validates lifecycle rules.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
 */
export function parseLifecycle(body: Buffer): LifecycleRule[] {
  const rules = childNodes(parseXml(body, 'LifecycleConfiguration'), 'Rule').map(parseRule)
  if (rules.length === 0 || rules.length > 1000) throw new StoreError('MalformedXML')
  if (new Set(rules.map((rule) => rule.id)).size !== rules.length) {
    throw new StoreError('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule')
  }
  return rules
}

function parseRule(node: XmlNode, index: number): LifecycleRule {
  if (unsupportedActions.some((name) => childNodes(node, name).length > 0)) throw new StoreError('NotImplemented')
  const status = childText(node, 'Status')
  if (status !== 'Enabled' && status !== 'Disabled') throw new StoreError('MalformedXML')
  const id = childText(node, 'ID') ?? `rule-${index + 1}`
  if (id.length > 255) throw new StoreError('InvalidArgument', 'ID length should not exceed allowed limit of 255')
  const [expiration] = childNodes(node, 'Expiration')
  const [abort] = childNodes(node, 'AbortIncompleteMultipartUpload')
  if (!expiration && !abort) {
    throw new StoreError('InvalidRequest', 'At least one action needs to be specified in a rule')
  }
  return {
    id,
    enabled: status === 'Enabled',
    prefix: parsePrefix(node),
    ...(expiration && { days: parseDays(expiration, 'Days') }),
    ...(abort && { abortUploadAfterDays: parseDays(abort, 'DaysAfterInitiation') }),
  }
}

/** Reads the prefix from Filter, from Filter/And or, in old configurations, from the rule itself. */
function parsePrefix(rule: XmlNode): string {
  const [filter] = childNodes(rule, 'Filter')
  const legacy = childText(rule, 'Prefix')
  if (!filter) {
    if (legacy === undefined) throw new StoreError('MalformedXML')
    return legacy
  }
  if (legacy !== undefined) throw new StoreError('MalformedXML')
  const [and] = childNodes(filter, 'And')
  const place = and ?? filter
  if (unsupportedFilters.some((name) => Object.hasOwn(place, name))) throw new StoreError('NotImplemented')
  return childText(place, 'Prefix') ?? ''
}

function parseDays(node: XmlNode, name: string): number {
  const text = childText(node, name)
  if (text === undefined) throw new StoreError('NotImplemented')
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw new StoreError('InvalidArgument', `'${name}' for Expiration action must be a positive integer`)
  }
  return Number(text)
}

export function lifecycleDocument(rules: LifecycleRule[]): string {
  return xmlDocument('LifecycleConfiguration', rules.map(ruleMarkup))
}

function ruleMarkup({ id, enabled, prefix, days, abortUploadAfterDays }: LifecycleRule): string {
  return branch('Rule', [
    leaf('ID', id),
    branch('Filter', [leaf('Prefix', prefix)]),
    leaf('Status', enabled ? 'Enabled' : 'Disabled'),
    days === undefined ? '' : branch('Expiration', [leaf('Days', days)]),
    abortUploadAfterDays === undefined
      ? ''
      : branch('AbortIncompleteMultipartUpload', [leaf('DaysAfterInitiation', abortUploadAfterDays)]),
  ])
}

/** Returns the expiries of all enabled rules. */
export function expiriesOf(rules: LifecycleRule[]): Expiry[] {
  return rules.flatMap(({ enabled, prefix, days }) =>
    enabled && days !== undefined ? [{ prefix: toByteString(prefix), days }] : [],
  )
}

/** Returns whether an object has expired. `dayMs` is the length of a day in this store. */
export function isExpired(
  object: { name: string; lastModified: number },
  expiries: Expiry[],
  nowMs: number,
  dayMs: number,
): boolean {
  return expiries.some(
    ({ prefix, days }) => object.name.startsWith(prefix) && nowMs - object.lastModified > days * dayMs,
  )
}
