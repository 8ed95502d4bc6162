import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { projectDirectory } from '@/tools/process/project'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Exports of a route that set how Next runs it. */
const settings = ['dynamic']
/** Pages that Next adds to every build. */
const builtIn = ['/_not-found/page', '/_global-error/page']

/** A file that Next serves because of its name, and its path. */
const specialFiles: Record<string, string> = { 'manifest.ts': '/manifest.webmanifest' }
const specialName =
  /^(manifest|robots|sitemap|favicon|icon|apple-icon|opengraph-image|twitter-image|default|template|loading|forbidden|unauthorized)\d*\./

export interface EntryPoints {
  /** `GET /api/images/[imageId]`, `page /crop/[uploadId]`, `file /manifest.webmanifest`, `action startUpload`. */
  names: string[]
  /** The ids of server actions in the build, by name. */
  actionIds: Record<string, string>
}

/**
 * Finds everything that a request can reach: each method of each route, each page, each file that the app renders, and
 * each server action.
 * @throws Error if the sources and the build do not have the same ones, or if it cannot read an export
 */
export async function findEntryPoints(): Promise<EntryPoints> {
  const sources = (await Promise.all(['app', 'components', 'lib'].map(listSources))).flat()
  const routed = sources.filter((file) => file.startsWith('app/'))
  const routes = routed.filter((file) => basename(file) === 'route.ts')
  const pages = routed.filter((file) => basename(file) === 'page.tsx')
  const special = routed.filter((file) => specialName.test(basename(file)))

  const names: string[] = []
  for (const file of routes) for (const method of await methodsOf(file)) names.push(`${method} ${pathOf(file)}`)
  for (const file of pages) names.push(`page ${pathOf(file)}`)
  const rendered = special.map((file) => specialFiles[file.replace('app/', '')] ?? unknown(file))
  for (const path of rendered) names.push(`file ${path}`)
  const actions = (await Promise.all(sources.map(actionsOf))).flat()
  for (const action of actions) names.push(`action ${action}`)

  const built = [
    ...routes.map((file) => join(pathOf(file), 'route')),
    ...pages.map((file) => join(pathOf(file), 'page')),
    ...rendered.map((path) => join(path, 'route')),
    ...builtIn,
  ]
  expectSame('paths', built, Object.keys(await readBuilt('app-paths-manifest.json')))
  const { node } = await readBuilt<{ node: Record<string, { exportedName: string }> }>('server-reference-manifest.json')
  const actionIds = Object.fromEntries(Object.entries(node).map(([id, { exportedName }]) => [exportedName, id]))
  expectSame('server actions', actions, Object.keys(actionIds))
  return { names, actionIds }
}

async function listSources(folder: string): Promise<string[]> {
  const entries = await readdir(join(projectDirectory, folder), { recursive: true })
  return entries.filter((file) => /(?<!\.test)\.(ts|tsx|js|jsx|mjs)$/.test(file)).map((file) => join(folder, file))
}

function readSource(file: string): Promise<string> {
  return readFile(join(projectDirectory, file), 'utf8')
}

async function readBuilt<T extends object>(file: string): Promise<T> {
  return JSON.parse(await readSource(join('.next/server', file)))
}

/** Returns the path of a file's folder in the app. */
function pathOf(file: string): string {
  return `/${dirname(file).split('/').slice(1).join('/')}`
}

async function methodsOf(file: string): Promise<string[]> {
  const names = exportsOf(await readSource(file), file).filter((name) => !settings.includes(name))
  if (names.length === 0 || names.some((name) => !methods.includes(name))) return unknown(file)
  return names
}

/** Returns the server actions of a file. */
async function actionsOf(file: string): Promise<string[]> {
  const source = await readSource(file)
  if (!/['"]use server['"]/.test(source)) return []
  // An action inside a function has no name that a row could have.
  if (!/^(\/\*[\s\S]*?\*\/\s*|\/\/.*\n\s*)*['"]use server['"]/.test(source)) return unknown(file)
  return exportsOf(source, file)
}

/** Returns the names that a module exports, types apart. */
function exportsOf(source: string, file: string): string[] {
  const statements = [...source.matchAll(/^export\s+(?!type\b|interface\b)(.*)/gm)].map(([, text]) => text as string)
  return statements.flatMap((text) => {
    const list = /^\{([^}]*)\}/.exec(text)?.[1]
    if (list !== undefined)
      return list.split(',').map(
        (item) =>
          item
            .trim()
            .split(/\s+as\s+/)
            .at(-1) as string,
      )
    const name = /^(?:async\s+)?(?:function|const)\s+(\w+)/.exec(text)?.[1]
    return name ?? unknown(file)
  })
}

function unknown(file: string): never {
  throw new Error(`${file} has an entry point of a kind that the isolation table does not know.`)
}

function expectSame(what: string, sources: string[], built: string[]): void {
  const differences = [
    ...sources.filter((name) => !built.includes(name)).map((name) => `only in the sources: ${name}`),
    ...built.filter((name) => !sources.includes(name)).map((name) => `only in the build: ${name}`),
  ]
  if (differences.length > 0) throw new Error(`The ${what} of sources and build differ: ${differences.join(', ')}.`)
}
