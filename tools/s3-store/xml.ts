import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { StoreError } from './errors'

/** A parsed element: its children by name, each name with all its occurrences; text-only children are strings. */
export type XmlNode = { [name: string]: (XmlNode | string)[] }

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Keys may begin or end with blanks, and "007" is not a number.
  trimValues: false,
  parseTagValue: false,
  htmlEntities: true,
  isArray: () => true,
})

/** Character references that XML 1.0 forbids: the parser would drop them silently and name another key. */
const forbiddenReference = /&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));/i

/** Reads a request body whose root element must be `root`. Anything else is MalformedXML; DTDs are refused. */
export function parseXml(body: Buffer, root: string): XmlNode {
  const text = body.toString('utf8')
  if (/<!DOCTYPE|<!ENTITY/i.test(text) || forbiddenReference.test(text)) throw new StoreError('MalformedXML')
  if (XMLValidator.validate(text) !== true) throw new StoreError('MalformedXML')
  const parsed = parseTree(text)
  const elements = Object.entries(parsed).filter(([name]) => name !== '#text')
  const [name, occurrences] = elements[0] ?? []
  if (elements.length !== 1 || name !== root || occurrences?.length !== 1) throw new StoreError('MalformedXML')
  return asNode(occurrences[0] ?? '')
}

function parseTree(text: string): XmlNode {
  try {
    return parser.parse(text)
  } catch (cause) {
    throw new StoreError('MalformedXML', cause instanceof Error ? cause.message : undefined)
  }
}

/** All child elements called `name`. */
export function childNodes(node: XmlNode, name: string): XmlNode[] {
  return own(node, name).map(asNode)
}

/** The texts of all child elements called `name`. */
export function childTexts(node: XmlNode, name: string): string[] {
  return own(node, name).map((child) => {
    if (typeof child !== 'string') throw new StoreError('MalformedXML')
    return child
  })
}

/** The text of the only child called `name`, or undefined; twice is MalformedXML. */
export function childText(node: XmlNode, name: string): string | undefined {
  const texts = childTexts(node, name)
  if (texts.length > 1) throw new StoreError('MalformedXML')
  return texts[0]
}

function own(node: XmlNode, name: string): (XmlNode | string)[] {
  return Object.hasOwn(node, name) ? (node[name] ?? []) : []
}

function asNode(child: XmlNode | string): XmlNode {
  if (typeof child !== 'string') return child
  if (child.trim() !== '') throw new StoreError('MalformedXML')
  return {}
}

/** An element that holds text. */
export function leaf(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`
}

/** An element that holds elements, given as markup. */
export function branch(name: string, children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`
}

/** A whole answer in the S3 namespace. */
export function xmlDocument(name: string, children: string[]): string {
  const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${namespace}">${children.join('')}</${name}>`
}

/** An error answer: the only one without a namespace. */
export function errorDocument(children: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${branch('Error', children)}`
}

/** Control characters become references: a key may hold them, and a bare CR would be read back as LF. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}\uFFFE\uFFFF]/gu, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character]
    return named ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`
  })
}
