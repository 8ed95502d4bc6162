import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AnyMap, eachMapping } from '@jridgewell/trace-mapping'

/**
 * Divides the bytes of scripts among the packages and files that they were built from, by their source maps. Assumes
 * that all parts of a script compress alike.
 * @param directory of the build, with `.next`
 * @returns bytes by package name, or by path for the app's own files; largest first
 */
export async function partsOf(
  directory: string,
  scripts: readonly { path: string; bytes: number }[],
): Promise<[part: string, bytes: number][]> {
  const parts = new Map<string, number>()
  for (const { path, bytes } of scripts) {
    const file = join(directory, path.replace('/_next/', '.next/'))
    const code = await readFile(file, 'utf8')
    const name = /sourceMappingURL=(\S+)\s*$/.exec(code)?.[1]
    if (!name) continue
    const lengths = lengthsOf(code, await readFile(join(file, '..', decodeURIComponent(name)), 'utf8'))
    for (const [source, length] of lengths) {
      const part = partOf(source)
      parts.set(part, (parts.get(part) ?? 0) + (bytes * length) / code.length)
    }
  }
  return [...parts].sort(([, left], [, right]) => right - left)
}

/** Returns how many characters of the code come from each source. */
function lengthsOf(code: string, map: string): Map<string, number> {
  const lines = code.split('\n')
  const lengths = new Map<string, number>()
  let last: { source: string; line: number; column: number } | undefined
  const add = (end: number) => {
    if (last) lengths.set(last.source, (lengths.get(last.source) ?? 0) + Math.max(0, end - last.column))
  }
  eachMapping(new AnyMap(map), ({ generatedLine, generatedColumn, source }) => {
    if (last?.line === generatedLine) add(generatedColumn)
    else if (last) add(lines[last.line - 1]?.length ?? 0)
    last = { source: source ?? '', line: generatedLine, column: generatedColumn }
  })
  if (last) add(lines[last.line - 1]?.length ?? 0)
  return lengths
}

/** Returns the package of a source, or the path below the app's folder. */
export function partOf(source: string): string {
  const inPackage = source.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)?.at(-1)
  if (inPackage) return inPackage.replace('node_modules/', '')
  return /(?:^|\/)((?:app|components|lib|messages)\/.*)$/.exec(source)?.[1] ?? 'other'
}
