import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CorsRule } from './cors'
import {
  commitDraft,
  type Draft,
  discardDraft,
  makeObjectDirectories,
  type OpenObject,
  openObject,
  readAllRecords,
  removeObject,
} from './disk'
import { StoreError } from './errors'
import { fromByteString, type IndexEntry, KeyIndex, toByteString } from './key-index'
import { type Expiry, expiriesOf, isExpired, type LifecycleRule } from './lifecycle'

/** The settings of a bucket. */
export type BucketSettings = {
  createdAt: number
  cors?: CorsRule[]
  lifecycle?: LifecycleRule[]
  publicAccessBlock?: Record<string, boolean>
  objectOwnership?: string
}

const sweepBatch = 200

/** A bucket: its settings, its sorted keys in memory, and its objects on disk. Expired objects are never visible. */
export class Bucket {
  private expiries: Expiry[]
  private isDeleted = false

  constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly clock: { nowMs: () => number; dayMs: number },
    private current: BucketSettings,
    private readonly index: KeyIndex,
  ) {
    this.expiries = expiriesOf(current.lifecycle ?? [])
  }

  get settings(): Readonly<BucketSettings> {
    return this.current
  }

  changeSettings(change: Partial<BucketSettings>): void {
    const next = { ...this.current, ...change }
    writeSettings(this.directory, next)
    this.current = next
    this.expiries = expiriesOf(next.lifecycle ?? [])
  }

  /** Returns the entry of a key, or undefined if it does not exist or has expired. */
  find(key: string): IndexEntry | undefined {
    const entry = this.index.get(toByteString(key))
    return entry && this.isAlive(entry) ? entry : undefined
  }

  /** Yields live entries in order, starting at `name`. `next(name)` jumps forward to that name. */
  *entriesFrom(name: string): Generator<IndexEntry, void, string | undefined> {
    let position = this.index.seek(name)
    for (let entry = this.index.at(position); entry; entry = this.index.at(position)) {
      const jump = this.isAlive(entry) ? yield entry : undefined
      position = jump === undefined ? position + 1 : this.index.seek(jump)
    }
  }

  /** Opens an object. @throws StoreError NoSuchKey */
  async open(key: string): Promise<OpenObject> {
    const object = this.find(key) ? await openObject(this.directory, key) : null
    if (!object) throw new StoreError('NoSuchKey', undefined, { Key: key })
    return object
  }

  /**
   * Makes a draft the object of its key unless `check` throws. Check, rename and index happen in one turn of the event
   * loop, so exactly one of many writers with the same condition succeeds, without a lock.
   */
  async commit(draft: Draft, check: (existing: IndexEntry | undefined) => void): Promise<void> {
    try {
      if (this.isDeleted) throw new StoreError('NoSuchBucket', undefined, { BucketName: this.name })
      check(this.find(draft.record.key))
      commitDraft(draft, this.directory)
      this.index.set(toIndexEntry(draft.record))
    } catch (error) {
      await discardDraft(draft)
      throw error
    }
  }

  delete(key: string, check: (existing: IndexEntry | undefined) => void): void {
    check(this.find(key))
    this.index.delete(toByteString(key))
    removeObject(this.directory, key)
  }

  /** Rejects all later commits, including those of uploads that are still running. */
  markDeleted(): void {
    this.isDeleted = true
  }

  isEmpty(): boolean {
    return this.entriesFrom('').next().done === true
  }

  /** Deletes expired objects from disk, in batches so that requests do not wait. @returns the number of objects */
  async sweep(): Promise<number> {
    let removed = 0
    for (const { prefix } of this.expiries) {
      const expired = this.expiredUnder(prefix)
      for (const [position, name] of expired.entries()) {
        if (position % sweepBatch === sweepBatch - 1) await nextTurn()
        // The object may have been overwritten since.
        const entry = this.index.get(name)
        if (!entry || this.isAlive(entry)) continue
        this.index.delete(name)
        removeObject(this.directory, fromByteString(name))
        removed += 1
      }
    }
    return removed
  }

  private expiredUnder(prefix: string): string[] {
    const names: string[] = []
    for (let position = this.index.seek(prefix); ; position += 1) {
      const entry = this.index.at(position)
      if (!entry?.name.startsWith(prefix)) return names
      if (!this.isAlive(entry)) names.push(entry.name)
    }
  }

  private isAlive(entry: IndexEntry): boolean {
    return !isExpired(entry, this.expiries, this.clock.nowMs(), this.clock.dayMs)
  }
}

/** All buckets of a directory: `buckets/<name>/` contains objects, `temporary/` contains files that are being written. */
export class Buckets {
  private readonly byName = new Map<string, Bucket>()
  readonly temporaryDirectory: string

  /** Opens the directory, deletes the incomplete files of a killed process, and reads the keys of all objects. */
  constructor(
    private readonly directory: string,
    private readonly clock: { nowMs: () => number; dayMs: number },
  ) {
    this.temporaryDirectory = join(directory, 'temporary')
    rmSync(this.temporaryDirectory, { recursive: true, force: true })
    mkdirSync(this.temporaryDirectory, { recursive: true })
    mkdirSync(join(directory, 'buckets'), { recursive: true })
    for (const entry of readdirSync(join(directory, 'buckets'), { withFileTypes: true })) {
      if (entry.isDirectory()) this.byName.set(entry.name, this.load(entry.name))
    }
  }

  get(name: string): Bucket {
    const bucket = this.byName.get(name)
    if (!bucket) throw new StoreError('NoSuchBucket', undefined, { BucketName: name })
    return bucket
  }

  find(name: string): Bucket | undefined {
    return this.byName.get(name)
  }

  list(): Bucket[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Creates a bucket. An existing bucket is not changed. @throws StoreError InvalidBucketName */
  create(name: string): void {
    requireBucketName(name)
    if (this.byName.has(name)) return
    const draft = join(this.temporaryDirectory, randomUUID())
    mkdirSync(draft)
    makeObjectDirectories(draft)
    writeSettings(draft, { createdAt: this.clock.nowMs() })
    renameSync(draft, this.directoryOf(name))
    this.byName.set(name, this.load(name))
  }

  delete(name: string): void {
    const bucket = this.get(name)
    if (!bucket.isEmpty()) throw new StoreError('BucketNotEmpty', undefined, { BucketName: name })
    bucket.markDeleted()
    this.byName.delete(name)
    const temporary = join(this.temporaryDirectory, randomUUID())
    renameSync(this.directoryOf(name), temporary)
    rmSync(temporary, { recursive: true })
  }

  private directoryOf(name: string): string {
    return join(this.directory, 'buckets', name)
  }

  private load(name: string): Bucket {
    const directory = this.directoryOf(name)
    const settings: BucketSettings = JSON.parse(readFileSync(join(directory, 'bucket.json'), 'utf8'))
    const index = new KeyIndex([...readAllRecords(directory)].map(toIndexEntry))
    return new Bucket(name, directory, this.clock, settings, index)
  }
}

function toIndexEntry(record: { key: string; size: number; etag: string; lastModified: number }): IndexEntry {
  const { key, size, etag, lastModified } = record
  return { name: toByteString(key), size, etag, lastModified }
}

function writeSettings(directory: string, settings: BucketSettings): void {
  const path = join(directory, 'bucket.json')
  writeFileSync(`${path}.new`, JSON.stringify(settings, null, 2))
  renameSync(`${path}.new`, path)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function requireBucketName(name: string): void {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)
  const forbidden = name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.startsWith('xn--')
  if (!wellFormed || forbidden) throw new StoreError('InvalidBucketName', undefined, { BucketName: name })
}
