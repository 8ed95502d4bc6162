import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { parseSync } from 'oxc-parser'
import { type Rule, restrictedPackages } from './rules'

/** An import that no rule allows. */
export interface ForbiddenImport {
  file: string
  line: number
  /** As written in the file. */
  specifier: string
}

/**
 * Finds the imports that no rule allows. Checks type-only and dynamic imports too.
 * @param directory the project folder
 * @param files paths relative to `directory`
 * @throws Error if a file cannot be parsed or no rule covers it
 */
export async function findForbiddenImports(
  directory: string,
  files: readonly string[],
  rules: readonly Rule[],
): Promise<ForbiddenImport[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const rule = rules.find(({ files }) => matchesAny(file, files))
      if (!rule) throw new Error(`No import rule covers ${file}: add one to tools/imports/rules.ts.`)
      const text = await readFile(join(directory, file), 'utf8')
      return readImports(file, text)
        .filter((imported) => !isAllowed(directory, file, imported, rule))
        .map(({ specifier, start }) => ({ file, line: text.slice(0, start).split('\n').length, specifier }))
    }),
  )
  return found.flat()
}

function isAllowed(directory: string, file: string, { specifier, isType }: Import, rule: Rule): boolean {
  const target = resolveInProject(directory, file, specifier)
  if (target) return matchesAny(target, rule.project) || (isType && matchesAny(target, rule.types ?? []))
  return Object.entries(restrictedPackages).every(
    ([name, pattern]) => !pattern.test(specifier) || (rule.packages as string[] | undefined)?.includes(name),
  )
}

/** Returns the imported file relative to the project, or null for a package. */
function resolveInProject(directory: string, file: string, specifier: string): string | null {
  if (specifier.startsWith('@/')) return specifier.slice(2)
  if (!specifier.startsWith('.')) return null
  const path = posix.join(posix.dirname(file), specifier)
  return existsSync(join(directory, path)) || !posix.extname(path) ? path : path.slice(0, -posix.extname(path).length)
}

interface Import {
  specifier: string
  start: number
  /** The compiler removes it: all that it names are types. */
  isType: boolean
}

function readImports(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text)
  if (errors[0]) throw new Error(`Cannot parse ${file}: ${errors[0].message}`)
  return [
    ...module.staticImports.map(({ moduleRequest: { value, start }, entries }) => ({
      specifier: value,
      start,
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, start: moduleRequest.start, isType }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      specifier: text.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
      start,
      isType: false,
    })),
  ]
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  const bare = path.replace(/\.(ts|tsx|mjs)$/, '')
  return globs.some((glob) => patternOf(glob).test(bare))
}

/** `*` matches within one path segment, `**` across segments. */
function patternOf(glob: string): RegExp {
  const escaped = glob.replace(/[.[\]]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/\*+/g, (stars) => (stars === '**' ? '.*' : '[^/]*'))}$`)
}
