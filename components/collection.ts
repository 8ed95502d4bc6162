import { useTranslations } from 'next-intl'
import { type Collection, defaultCollection } from '@/lib/images/collections'

type Translate = ReturnType<typeof useTranslations<never>>

/** Messages that a collection can override: `collections.<name>.<word>` in messages/. */
type Word =
  | `upload.${'title' | 'drop.over'}`
  | `crop.${'heading.edit' | 'preview.save' | 'preview.light' | 'preview.dark' | 'saved'}`
  | `gallery.${'title' | 'list' | 'upload' | 'currentSet' | 'currentRemoved' | 'deleteCurrentText' | 'currentDeleted' | 'noneInUse' | 'emptyTitle' | 'emptyHereTitle' | 'emptyText'}`

/** Returns the path of a collection's upload page, gallery or new editor. The default collection needs no parameter. */
export function pagePath(page: 'upload' | 'gallery' | 'crop', { name }: Collection): string {
  return name === defaultCollection.name ? `/${page}` : `/${page}?collection=${name}`
}

/** Returns a function that translates a word: the collection's own text if it has one, else the general text. */
export function collectionWords(translate: Translate, { name }: Collection) {
  return (word: Word, values?: { count: number }): string => {
    const own = `collections.${name}.${word}` as Word
    return translate(translate.has(own) ? own : word, values)
  }
}

/** `collectionWords` as a hook, for client components and synchronous server components. */
export function useCollectionWords(collection: Collection) {
  return collectionWords(useTranslations(), collection)
}

/** Returns a collection's display name. Without a translation, `team-logos` becomes "Team logos". */
export function collectionName(translate: Translate, { name }: Collection): string {
  const own = `collections.${name}.name` as 'collections.avatars.name'
  return translate.has(own) ? translate(own) : name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ')
}
