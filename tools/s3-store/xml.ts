import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { StoreError } from './errors'

/** A parsed element: for each child name, all its occurrences. Elements that contain only text are strings. */
export type XmlNode = { [name: string]: (XmlNode | string)[] }

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Keys may start or end with spaces, and "007" is not a number.
  trimValues: false,
  parseTagValue: false,
  htmlEntities: true,
  isArray: () => true,
})

/** Character references that XML 1.0 forbids. The parser would drop them silently, which would give another key. */
const forbiddenReference = /&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));/i

/**
 * Parses a request body.
 * @throws StoreError MalformedXML if it is invalid, has another root element than `root`, or contains a DTD
 */
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

/** Returns all child elements with this name. */
export function childNodes(node: XmlNode, name: string): XmlNode[] {
  return own(node, name).map(asNode)
}

/** Returns the texts of all child elements with this name. */
export function childTexts(node: XmlNode, name: string): string[] {
  return own(node, name).map((child) => {
    if (typeof child !== 'string') throw new StoreError('MalformedXML')
    return child
  })
}

/** Returns the text of the child with this name, or undefined. @throws StoreError MalformedXML if there are several */
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

/** Returns an element that contains text. */
export function leaf(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`
}

/** Returns an element that contains elements, which are given as XML. */
export function branch(name: string, children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`
}

/** Returns a response document in the S3 namespace. */
export function xmlDocument(name: string, children: string[]): string {
  const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${namespace}">${children.join('')}</${name}>`
}

/** Returns an error document, which has no namespace. */
export function errorDocument(children: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${branch('Error', children)}`
}

/** Escapes text. Control characters become references: keys can contain them, and XML parsers read CR as LF. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}\uFFFE\uFFFF]/gu, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character]
    return named ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`
  })
}
