import type account from '@/messages/en/account.json'
import type collections from '@/messages/en/collections.json'
import type common from '@/messages/en/common.json'
import type crop from '@/messages/en/crop.json'
import type errors from '@/messages/en/errors.json'
import type gallery from '@/messages/en/gallery.json'
import type session from '@/messages/en/session.json'
import type site from '@/messages/en/site.json'
import type upload from '@/messages/en/upload.json'

export interface Messages {
  account: typeof account
  collections: typeof collections
  common: typeof common
  crop: typeof crop
  errors: typeof errors
  gallery: typeof gallery
  session: typeof session
  site: typeof site
  upload: typeof upload
}

/** Texts by key. The build compiles a text with arguments to an array. */
interface Tree {
  [key: string]: Tree | string | unknown[]
}

/** The files `messages/<language>/<namespace>.json`. The bundler finds them, so a language is one folder (U77). */
const files = Object.entries(import.meta.glob<{ default: Tree }>('../../messages/*/*.json')).map(([path, load]) => {
  const [language, file] = path.split('/').slice(-2) as [string, string]
  return { language, namespace: file.replace('.json', ''), load }
})

/** The language of texts that another language lacks. */
export const defaultLanguage = 'en'

/** Tags of all languages (BCP 47), such as `de`. */
export const languages: readonly string[] = [...new Set(files.map(({ language }) => language))]

/** Loads the texts of a language. English replaces the texts that it lacks. */
export async function loadMessages(language: string): Promise<Messages> {
  const english = await loadFiles(defaultLanguage)
  const messages = language === defaultLanguage ? english : merge(english, await loadFiles(language))
  return messages as unknown as Messages
}

async function loadFiles(language: string): Promise<Tree> {
  const own = files.filter((file) => file.language === language)
  return Object.fromEntries(
    await Promise.all(own.map(async ({ namespace, load }) => [namespace, (await load()).default])),
  )
}

/** Returns the texts of both trees. Those of `over` win. */
export function merge(under: Tree, over: Tree): Tree {
  const merged = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = under[key]
    merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value
  }
  return merged
}

function isTree(value: Tree[string] | undefined): value is Tree {
  return typeof value === 'object' && !Array.isArray(value)
}
