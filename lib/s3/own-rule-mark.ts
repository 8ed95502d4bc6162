/** Marks the rules of this app among those of others in a bucket. */
export const ownRuleMark = 'anyhost'
