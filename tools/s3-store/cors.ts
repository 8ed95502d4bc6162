import { StoreError } from './errors'
import { branch, childNodes, childText, childTexts, leaf, parseXml, type XmlNode, xmlDocument } from './xml'

export type CorsRule = {
  id?: string
  origins: string[]
  methods: string[]
  allowedHeaders: string[]
  exposedHeaders: string[]
  maxAgeSeconds?: number
}

const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

/** Parses and validates CORS rules. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
export function parseCors(body: Buffer): CorsRule[] {
  const rules = childNodes(parseXml(body, 'CORSConfiguration'), 'CORSRule').map(parseRule)
  if (rules.length === 0 || rules.length > 100) throw new StoreError('MalformedXML')
  return rules
}

function parseRule(node: XmlNode): CorsRule {
  const rule = {
    origins: childTexts(node, 'AllowedOrigin'),
    methods: childTexts(node, 'AllowedMethod'),
    allowedHeaders: childTexts(node, 'AllowedHeader'),
    exposedHeaders: childTexts(node, 'ExposeHeader'),
  }
  if (rule.origins.length === 0 || rule.methods.length === 0) throw new StoreError('MalformedXML')
  for (const method of rule.methods) {
    if (!['GET', 'PUT', 'POST', 'DELETE', 'HEAD'].includes(method)) {
      const message = `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`
      throw new StoreError('InvalidRequest', message)
    }
  }
  for (const [name, patterns] of Object.entries({ AllowedOrigin: rule.origins, AllowedHeader: rule.allowedHeaders })) {
    const wrong = patterns.find((pattern) => pattern.split('*').length > 2)
    if (wrong) throw new StoreError('InvalidRequest', `${name} "${wrong}" can not have more than one wildcard.`)
  }
  const wildcard = rule.exposedHeaders.find((name) => !/^[\w-]+$/.test(name))
  if (wildcard) throw new StoreError('InvalidRequest', `ExposeHeader "${wildcard}" contains wildcard or is no header.`)
  const id = childText(node, 'ID')
  const maxAge = childText(node, 'MaxAgeSeconds')
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw new StoreError('MalformedXML')
  return { ...rule, ...(id !== undefined && { id }), ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }) }
}

export function corsDocument(rules: CorsRule[]): string {
  return xmlDocument(
    'CORSConfiguration',
    rules.map((rule) =>
      branch('CORSRule', [
        rule.id === undefined ? '' : leaf('ID', rule.id),
        ...rule.allowedHeaders.map((header) => leaf('AllowedHeader', header)),
        ...rule.methods.map((method) => leaf('AllowedMethod', method)),
        ...rule.origins.map((origin) => leaf('AllowedOrigin', origin)),
        ...rule.exposedHeaders.map((header) => leaf('ExposeHeader', header)),
        rule.maxAgeSeconds === undefined ? '' : leaf('MaxAgeSeconds', rule.maxAgeSeconds),
      ]),
    ),
  )
}

/** Returns the headers that let a page of `origin` read the response; null if no rule allows it. */
export function corsHeaders(rules: CorsRule[], origin: string, method: string): Record<string, string> | null {
  const rule = rules.find((candidate) => allows(candidate, origin, method, []))
  return rule ? headersOf(rule, origin) : null
}

/** Returns the response headers of a preflight; null if no rule allows the origin, the method and all headers. */
export function preflightHeaders(
  rules: CorsRule[],
  origin: string,
  method: string,
  requestedHeaders: string[],
): Record<string, string> | null {
  const rule = rules.find((candidate) => allows(candidate, origin, method, requestedHeaders))
  if (!rule) return null
  return {
    ...headersOf(rule, origin),
    ...(requestedHeaders.length > 0 && { 'access-control-allow-headers': requestedHeaders.join(', ') }),
    ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
  }
}

function allows(rule: CorsRule, origin: string, method: string, requestedHeaders: string[]): boolean {
  return (
    rule.origins.some((pattern) => matches(pattern, origin)) &&
    rule.methods.includes(method) &&
    requestedHeaders.every((header) => rule.allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), header)))
  )
}

/** Matches a pattern with at most one `*`, which matches any text. */
function matches(pattern: string, value: string): boolean {
  const [start = '', end] = pattern.split('*')
  if (end === undefined) return pattern === value
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end)
}

function headersOf(rule: CorsRule, origin: string): Record<string, string> {
  const anyOrigin = rule.origins.find((pattern) => matches(pattern, origin)) === '*'
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    // Browsers reject `*` together with credentials.
    ...(!anyOrigin && { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.methods.join(', '),
    ...(rule.exposedHeaders.length > 0 && { 'access-control-expose-headers': rule.exposedHeaders.join(', ') }),
    vary,
  }
}
