import { StoreError } from './errors'

/** The allowed size of the file in bytes, both ends inclusive. */
export type SizeRange = { minBytes: number; maxBytes: number }

type Condition =
  | { kind: 'eq' | 'starts-with'; field: string; value: string; text: string }
  | { kind: 'content-length-range'; range: SizeRange }

/** The fields that need no condition, besides `x-ignore-*`. */
const freeFields = ['policy', 'x-amz-signature', 'file']

/**
 * Checks a form against its policy, whose signature is already verified, and returns the allowed size of the file.
 * `fields` are the fields before the file, by lower-case name, with `${filename}` replaced.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPolicy(
  policy: string,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: Date,
  maxObjectBytes: number,
): SizeRange {
  const { expiration, conditions } = parsePolicy(policy)
  if (now >= expiration) throw denied('Policy expired.')

  const given = new Map([...fields, ['bucket', bucket]])
  if (fields.has('bucket') && fields.get('bucket') !== bucket) throw denied('The bucket field names another bucket.')
  const covered = new Set(freeFields)
  const range: SizeRange = { minBytes: 0, maxBytes: maxObjectBytes }
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') {
      range.minBytes = Math.max(range.minBytes, condition.range.minBytes)
      range.maxBytes = Math.min(range.maxBytes, condition.range.maxBytes)
      continue
    }
    covered.add(condition.field)
    if (!isMet(condition, given.get(condition.field))) throw denied(`Policy Condition failed: ${condition.text}`)
  }
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !name.startsWith('x-ignore-'))
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`)
  return range
}

function isMet(condition: Condition & { kind: 'eq' | 'starts-with' }, given: string | undefined): boolean {
  if (given === undefined) return false
  if (condition.kind === 'eq') return given === condition.value
  // "Content-Types that include commas are interpreted as lists": each of them must have the prefix.
  const values = condition.field === 'content-type' ? given.split(',').map((type) => type.trim()) : [given]
  return values.every((value) => value.startsWith(condition.value))
}

function denied(reason: string): StoreError {
  return new StoreError('AccessDenied', `Invalid according to Policy: ${reason}`)
}

function malformed(reason: string): StoreError {
  return new StoreError('InvalidPolicyDocument', `Invalid Policy: ${reason}`)
}

function parsePolicy(policy: string): { expiration: Date; conditions: Condition[] } {
  const document = parseJson(decodeBase64(policy))
  if (!isObject(document)) throw malformed('it must be a JSON object.')
  const unknown = Object.keys(document).find((name) => name !== 'expiration' && name !== 'conditions')
  if (unknown !== undefined) throw malformed(`unexpected '${unknown}'.`)
  const { expiration, conditions } = document
  if (typeof expiration !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(expiration)) {
    throw malformed('its expiration must be an ISO 8601 date in UTC.')
  }
  if (Number.isNaN(Date.parse(expiration))) throw malformed('its expiration is no date.')
  if (!Array.isArray(conditions)) throw malformed('it must have a list of conditions.')
  return { expiration: new Date(expiration), conditions: conditions.map(parseCondition) }
}

function decodeBase64(policy: string): string {
  const compact = policy.replaceAll(/\s/g, '')
  const bytes = Buffer.from(compact, 'base64')
  if (compact === '' || bytes.toString('base64') !== compact) throw malformed('it is not base64.')
  return bytes.toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('it is not JSON.')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseCondition(condition: unknown): Condition {
  const text = JSON.stringify(condition)
  if (isObject(condition)) {
    const [pair, ...others] = Object.entries(condition)
    if (!pair || others.length > 0) throw malformed(`a simple condition must have exactly one property: ${text}`)
    const [field, value] = pair
    if (typeof value !== 'string') throw malformed(`the value of a condition must be a string: ${text}`)
    return { kind: 'eq', field: field.toLowerCase(), value, text: JSON.stringify(['eq', `$${field}`, value]) }
  }
  if (!Array.isArray(condition) || condition.length !== 3) throw malformed(`not a condition: ${text}`)
  const [operator, first, second] = condition
  const kind = typeof operator === 'string' ? operator.toLowerCase() : ''
  if (kind === 'content-length-range') {
    return { kind, range: { minBytes: parseBytes(first, text), maxBytes: parseBytes(second, text) } }
  }
  if (kind !== 'eq' && kind !== 'starts-with') throw malformed(`unknown operator: ${text}`)
  if (typeof first !== 'string' || !/^\$./.test(first) || typeof second !== 'string') {
    throw malformed(`a condition must name a field with $ and give a string: ${text}`)
  }
  return { kind, field: first.slice(1).toLowerCase(), value: second, text }
}

function parseBytes(value: unknown, text: string): number {
  const bytes = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw malformed(`content-length-range needs two whole numbers: ${text}`)
  }
  return bytes
}
