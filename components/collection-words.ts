import type { useTranslations } from 'next-intl'
import type { Collection } from '@/lib/images/collections'

type Translate = ReturnType<typeof useTranslations<never>>

/** Sentences that a collection may say in words of its own: `collections.<name>.<word>` in messages/. */
type Word =
  | 'upload.title'
  | 'crop.heading.edit'
  | `gallery.${'title' | 'list' | 'upload' | 'currentSet' | 'currentRemoved' | 'deleteCurrentText' | 'emptyTitle' | 'emptyText'}`

/** The words of a collection: its own, or else the general ones, so that a new collection needs none. */
export function collectionWords(translate: Translate, { name }: Collection) {
  return (word: Word, values?: { count: number }): string => {
    const own = `collections.${name}.${word}` as Word
    return translate(translate.has(own) ? own : word, values)
  }
}

/** What a collection is called: in the messages, or else by its name, `team-logos` as "Team logos". */
export function collectionName(translate: Translate, { name }: Collection): string {
  const own = `collections.${name}.name` as 'collections.avatars.name'
  return translate.has(own) ? translate(own) : name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ')
}
