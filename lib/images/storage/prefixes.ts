/** The prefixes of all keys: docs/layout.md. */
export const prefixes = ['incoming/', 'drafts/', 'users/', 'media/'] as const

export type Prefix = (typeof prefixes)[number]

/** Days until the bucket's lifecycle rules erase objects. Nothing saved expires. */
export const expiryDays: Partial<Record<Prefix, number>> = { 'incoming/': 1, 'drafts/': 2 }
