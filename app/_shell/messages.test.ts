import { globSync, readFileSync } from 'node:fs'
import compile from 'icu-minify/compile'
import { expect, test } from 'vitest'
import { languages, loadMessages, merge } from './messages'

/** A compiled text: literals, `#` as 0, and arguments `[name, type, …]`. */
type Node = string | number | Node[] | { [option: string]: Node }

/** What icu-minify calls the types of arguments. */
const types = ['text', 'select', 'plural', 'ordinal', 'number', 'date', 'time'] as const

/** An argument of a text: its name and type, and the options of a select. */
interface Argument {
  name: string
  type: (typeof types)[number]
  options: string[]
}

/** Reads the texts of a language by file and key, such as `crop.stage.name`. */
function readTexts(language: string): Map<string, string> {
  const texts = new Map<string, string>()
  const add = (path: string, value: string | object) => {
    if (typeof value === 'string') texts.set(path, value)
    else for (const [key, below] of Object.entries(value)) add(`${path}.${key}`, below)
  }
  for (const file of globSync(`messages/${language}/*.json`)) {
    add(file.split('/').at(-1)?.replace('.json', '') as string, JSON.parse(readFileSync(file, 'utf8')))
  }
  return texts
}

function argumentsOf(text: string): Argument[] {
  const found: Argument[] = []
  const visit = (node: Node): void => {
    if (!Array.isArray(node)) return
    const [name, type, options] = node
    const isArgument = typeof name === 'string' && (node.length === 1 || (typeof type === 'number' && type > 0))
    if (!isArgument) {
      node.forEach(visit)
      return
    }
    const branches = typeof options === 'object' && !Array.isArray(options) ? options : {}
    found.push({ name, type: types[typeof type === 'number' ? type : 0] ?? 'text', options: Object.keys(branches) })
    Object.values(branches).forEach(visit)
  }
  const compiled = compile(text) as Node
  if (Array.isArray(compiled)) compiled.forEach(visit)
  return found
}

/** Returns what code passes to a text. A language may count with a number that English only prints. */
function signatureOf(text: string): string[] {
  const signature = argumentsOf(text).map(({ name, type, options }) => {
    if (type === 'plural' || type === 'number') return `${name}: number`
    return type === 'select' ? `${name}: ${options.sort().join(' | ')}` : `${name}: ${type}`
  })
  return [...new Set(signature)].sort()
}

const english = readTexts('en')

test('U77: the languages are the folders in messages/', () => {
  expect([...languages].sort()).toEqual(
    globSync('messages/*')
      .map((path) => path.split('/')[1])
      .sort(),
  )
  expect(english.size).toBeGreaterThan(100)
})

test.each(languages)('U25: %s has the texts of English, with the same arguments', (language) => {
  const describe = (texts: Map<string, string>) =>
    [...texts].map(([key, text]) => [key, ...signatureOf(text)].join()).sort()
  expect(describe(readTexts(language))).toEqual(describe(english))
})

test.each(languages)('U25: every plural of %s has the categories of its language', (language) => {
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort()
  for (const [key, text] of readTexts(language)) {
    for (const { type, options } of argumentsOf(text)) {
      const named = options.filter((option) => !option.startsWith('='))
      // Without other categories, all numbers have the same form. An exact number replaces the category zero.
      if (type !== 'plural' || named.join() === 'other') continue
      const expected = categories.filter((category) => category !== 'zero' || !options.includes('=0'))
      expect([key, named.sort()]).toEqual([key, expected])
    }
  }
})

test('U77: English replaces the texts that a language lacks', async () => {
  expect(merge({ a: { b: 'one', c: 'two' }, d: 'three' }, { a: { b: 'eins' } })).toEqual({
    a: { b: 'eins', c: 'two' },
    d: 'three',
  })
  for (const language of languages) {
    expect(Object.keys(await loadMessages(language)).sort()).toEqual(Object.keys(await loadMessages('en')).sort())
  }
})
