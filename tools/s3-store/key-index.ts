/** The properties of an object in a listing. `name` is the key as a byte string. */
export type IndexEntry = { name: string; size: number; etag: string; lastModified: number }

/**
 * Converts a key to a byte string: one character per byte of its UTF-8. S3 lists keys in the order of these bytes, which
 * differs from the UTF-16 order of `<` on keys. Prefixes of keys are prefixes of byte strings.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html
 */
export function toByteString(key: string): string {
  return /[\u0080-\uffff]/.test(key) ? Buffer.from(key, 'utf8').toString('latin1') : key
}

/** Converts a byte string back to its key. */
export function fromByteString(name: string): string {
  return /[\u0080-\u00ff]/.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name
}

/** Returns a name that sorts directly after all names with the prefix: no byte is above 0xff. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u0100`
}

/** The sorted keys of a bucket. A lookup takes O(log n); an insert moves the tail of an array, which is one memmove. */
export class KeyIndex {
  private readonly entries: IndexEntry[]

  constructor(entries: IndexEntry[] = []) {
    this.entries = entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get length(): number {
    return this.entries.length
  }

  at(position: number): IndexEntry | undefined {
    return this.entries[position]
  }

  /** Returns the position of the first entry that does not sort before `name`. */
  seek(name: string): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.entries[middle]?.name ?? '') < name) low = middle + 1
      else high = middle
    }
    return low
  }

  get(name: string): IndexEntry | undefined {
    const entry = this.entries[this.seek(name)]
    return entry?.name === name ? entry : undefined
  }

  set(entry: IndexEntry): void {
    const position = this.seek(entry.name)
    const replaced = this.entries[position]?.name === entry.name ? 1 : 0
    this.entries.splice(position, replaced, entry)
  }

  delete(name: string): void {
    const position = this.seek(name)
    if (this.entries[position]?.name === name) this.entries.splice(position, 1)
  }
}
