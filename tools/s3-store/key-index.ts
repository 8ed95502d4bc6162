/** What a listing shows of an object, without opening it. `name` is the key as a byte string. */
export type IndexEntry = { name: string; size: number; etag: string; lastModified: number }

/**
 * A key as a byte string: one character per byte of its UTF-8. Comparing those with `<` gives the order S3 lists in,
 * which UTF-16 order is not, and a prefix is a prefix.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html
 */
export function toByteString(key: string): string {
  return /[\u0080-\uffff]/.test(key) ? Buffer.from(key, 'utf8').toString('latin1') : key
}

/** The key that a byte string stands for. */
export function fromByteString(name: string): string {
  return /[\u0080-\u00ff]/.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name
}

/** The first name that sorts after everything beginning with `prefix`: no byte is above 0xff. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u0100`
}

/** The keys of a bucket, sorted. CheckResult costs log n; adding moves the tail of an array, which is one memmove. */
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

  /** The position of the first entry that is not before `name`. */
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
