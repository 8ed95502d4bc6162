import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDirectory } from '@/tools/process/project'

const read = (file: string) => readFileSync(join(projectDirectory, file), 'utf8')

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: projectDirectory,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(projectDirectory, file)))
const pages = files.filter((file) => file.endsWith('.md') && (file.startsWith('docs/') || !file.includes('/')))
const code = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file))
const isTest = (file: string) => /\.(test|spec)\.ts$/.test(file)

/** Returns the ids with a letter that a text cites. `S14-S17` cites four. */
function idsIn(text: string, letter: string): Set<string> {
  // S256 is a method of PKCE.
  const number = '(1?\\d{1,2})'
  const ids = text.matchAll(new RegExp(`\\b${letter}${number}(?:-${letter}?${number})?\\b`, 'g'))
  return new Set(
    [...ids].flatMap(([, first, last = first]) =>
      Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => `${letter}${Number(first) + at}`),
    ),
  )
}

/** Returns the ids that the names of a test file's tests begin with, comments apart. */
function idsInNames(text: string, letter: string): Set<string> {
  const names = text.matchAll(/['"`]([SU]\d+(?:(?:-|, | and )[SU]\d+)*)\b/g)
  return idsIn(Array.from(names, ([, ids]) => ids).join(' '), letter)
}

/** Returns the requirements of a page: id and last column of each row. */
function requirementsOf(page: string): { id: string; proof: string }[] {
  return [...read(page).matchAll(/^\| ([SU]\d+) \| .+ \| (.+) \|$/gm)].map(([, id = '', proof = '']) => ({ id, proof }))
}

/** Returns what a page has in backticks that looks like a file of the project. */
function filesNamedIn(text: string): string[] {
  return [...text.matchAll(/`((?:app|components|lib|e2e|tools|docs|deploy)\/[\w./[\]-]+\.\w+)`/g)].map(
    ([, file]) => file as string,
  )
}

describe.each([
  ['docs/security.md', 'S', 42],
  ['docs/ux.md', 'U', 30],
])('%s', (page, letter, last) => {
  const requirements = requirementsOf(page)

  test('has every requirement once', () => {
    const ids = requirements.map(({ id }) => id)
    // Ids of later requirements may have gaps.
    expect(ids).toEqual(expect.arrayContaining(Array.from({ length: last }, (_, at) => `${letter}${at + 1}`)))
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })

  test.each(requirements)('$id names tests that cite it, or says what is not tested yet', ({ id, proof }) => {
    const tests = filesNamedIn(proof).filter(isTest)
    if (tests.length === 0) expect(proof).toMatch(/^Not yet: ./)
    for (const file of tests) expect([...idsInNames(read(file), letter)], file).toContain(id)
  })

  test('has every id that code and tests cite', () => {
    const known = requirements.map(({ id }) => id)
    const unknown = code.flatMap((file) =>
      [...idsIn(read(file), letter)].filter((id) => !known.includes(id)).map((id) => `${file}: ${id}`),
    )
    expect(unknown).toEqual([])
  })
})

test('docs/contract.md has every rule that code and tests cite', () => {
  const known = new Set(
    Array.from(read('docs/contract.md').matchAll(/^(?:- )?\*\*(?:Rule )?(\d+[a-z]?)/gm), ([, n]) => n),
  )
  const unknown = code.flatMap((file) =>
    [...read(file).matchAll(/\brules? (\d+[a-c]?)(?:(?: and | to )(\d+))?/gi)]
      .flatMap(([, ...numbers]) => numbers)
      .filter((number) => number !== undefined && !known.has(number))
      .map((number) => `${file}: rule ${number}`),
  )
  expect(unknown).toEqual([])
})

describe('docs/configuration.md', () => {
  const documented = (name: string) => expect(read('docs/configuration.md')).toContain(`| \`${name}`)

  test('has every variable of a host', () => {
    const files = ['lib/env.ts', 'lib/sign-in-env.ts', 'lib/proxy-env.ts']
    const names = Array.from(
      files
        .map(read)
        .join('')
        .matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm),
      ([, name]) => name as string,
    )
    expect(names.length).toBeGreaterThan(15)
    for (const name of names) documented(name)
    for (const name of ['S3_BUCKET_<COLLECTION>', 'PUBLIC_BASE_URL_<COLLECTION>']) documented(name)
  })

  test('has every variable of .env.example', () => {
    const names = Array.from(read('.env.example').matchAll(/^(?:# ?)?([A-Z]\w+)=/gm), ([, name]) => name as string)
    for (const name of names) documented(name.replace(/^(S3_BUCKET|PUBLIC_BASE_URL)_.+/, '$1_<COLLECTION>'))
  })
})

describe.each(pages)('%s', (page) => {
  const text = read(page)

  test('names files that exist', () => {
    expect(filesNamedIn(text).filter((file) => !existsSync(join(projectDirectory, file)))).toEqual([])
  })

  test('links to files and headings that exist', () => {
    const links = Array.from(
      text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g),
      ([, target, picture]) => (target ?? picture) as string,
    )
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false
      const [path, heading] = link.split('#')
      const target = path ? join(dirname(page), path) : page
      if (!existsSync(join(projectDirectory, target))) return true
      return heading !== undefined && !headingsOf(target).includes(heading)
    })
    expect(broken).toEqual([])
  })
})

/** Returns the anchors of a page's headings, as GitHub forms them. */
function headingsOf(page: string): string[] {
  return Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
