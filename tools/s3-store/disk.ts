import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { ByteRange } from './byte-range'

/** The metadata of an object. Times are milliseconds since 1970. */
export type ObjectRecord = {
  key: string
  size: number
  /** The MD5 in quotes, as S3 returns it. */
  etag: string
  lastModified: number
  /** Headers returned with the object: Content-Type, x-amz-meta-* and so on. */
  headers: Record<string, string>
  checksums: Record<string, string>
}

/** A complete object file that is not visible yet. */
export type Draft = { path: string; record: ObjectRecord }

/*
 * Each object is one file: body, record as JSON, footer (length of the JSON, magic number). The file is written under
 * `temporary/` and moved with one rename, so a reader sees either the old or the new object, with body and record of the
 * same write, even if the process is killed. Nothing is fsynced: a kill loses nothing, but a power cut may, which is
 * acceptable for development. File names are hashes of keys, because keys may be longer than 255 bytes, end in a slash,
 * or contain `..`.
 */
const magic = Buffer.from('devstor1')
const footerBytes = 4 + magic.length
const tailBytes = 2048
const blockBytes = 256 * 1024

/** Returns the path of the file of a key. */
export function objectPath(bucketDirectory: string, key: string): string {
  const hash = createHash('sha256').update(key, 'utf8').digest('hex')
  return join(bucketDirectory, hash.slice(0, 2), hash)
}

/** Creates the 256 fan-out directories of a bucket. */
export function makeObjectDirectories(bucketDirectory: string): void {
  for (let fan = 0; fan < 256; fan += 1) {
    mkdirSync(join(bucketDirectory, fan.toString(16).padStart(2, '0')), { recursive: true })
  }
}

/** Writes a body to a draft. Calls `describe` after the whole body was read. Deletes the file if anything throws. */
export async function writeDraft(
  temporaryDirectory: string,
  body: AsyncIterable<Buffer>,
  describe: () => Omit<ObjectRecord, 'size' | 'etag'>,
): Promise<Draft> {
  return withDraft(temporaryDirectory, async (handle) => {
    const md5 = createHash('md5')
    let size = 0
    for await (const chunk of inBatches(body)) {
      md5.update(chunk)
      size += chunk.length
      await handle.writeFile(chunk)
    }
    return { ...describe(), size, etag: `"${md5.digest('hex')}"` }
  })
}

/** Creates a draft with the bytes of an open object and another record. */
export async function copyDraft(
  temporaryDirectory: string,
  source: OpenObject,
  changes: Pick<ObjectRecord, 'key' | 'lastModified' | 'headers'>,
): Promise<Draft> {
  const { size, etag, checksums } = source.record
  return withDraft(temporaryDirectory, async (handle) => {
    if (size > 0) {
      const body = readBody(source, { start: 0, end: size - 1 })
      for await (const chunk of body) await handle.writeFile(chunk)
    }
    return { size, etag, checksums, ...changes }
  })
}

/** Joins chunks into blocks of at least 256 KiB, so that most files need only one write. */
async function* inBatches(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let batch: Buffer[] = []
  let batchBytes = 0
  for await (const chunk of body) {
    batch.push(chunk)
    batchBytes += chunk.length
    if (batchBytes < blockBytes) continue
    yield Buffer.concat(batch)
    batch = []
    batchBytes = 0
  }
  if (batchBytes > 0) yield Buffer.concat(batch)
}

async function withDraft(
  temporaryDirectory: string,
  write: (handle: FileHandle) => Promise<ObjectRecord>,
): Promise<Draft> {
  const path = join(temporaryDirectory, randomUUID())
  try {
    const handle = await open(path, 'wx')
    try {
      const record = await write(handle)
      await handle.writeFile(encodeTail(record))
      return { path, record }
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** Moves a draft to its final path. Synchronous, so that conditions checked just before are still true. */
export function commitDraft(draft: Draft, bucketDirectory: string): void {
  renameSync(draft.path, objectPath(bucketDirectory, draft.record.key))
}

export async function discardDraft(draft: Draft): Promise<void> {
  await rm(draft.path, { force: true })
}

export function removeObject(bucketDirectory: string, key: string): void {
  rmSync(objectPath(bucketDirectory, key), { force: true })
}

/** An open object. Overwriting or deleting it does not change what is read from it. */
export type OpenObject = { record: ObjectRecord; handle: FileHandle }

/** Opens an object, or returns null if it does not exist. The caller closes the handle. */
export async function openObject(bucketDirectory: string, key: string): Promise<OpenObject | null> {
  const handle = await openExisting(objectPath(bucketDirectory, key))
  if (!handle) return null
  try {
    const record = readRecord(handle.fd)
    if (record?.key !== key)
      throw new Error(`The file of the key ${JSON.stringify(key)} is damaged. Delete the object and write it again.`)
    return { record, handle }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Reads the bytes of an open object from `start` to `end`, both inclusive. Does not close the handle. */
export function readBody({ handle }: OpenObject, { start, end }: ByteRange): Readable {
  return handle.createReadStream({ start, end, autoClose: false, highWaterMark: blockBytes })
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Yields the records of all objects of a bucket, with one open and one small read each. */
export function* readAllRecords(bucketDirectory: string): Generator<ObjectRecord> {
  for (const fan of readdirSync(bucketDirectory, { withFileTypes: true })) {
    if (!fan.isDirectory()) continue
    for (const name of readdirSync(join(bucketDirectory, fan.name))) {
      const descriptor = openSync(join(bucketDirectory, fan.name, name), 'r')
      try {
        const record = readRecord(descriptor)
        if (record) yield record
      } finally {
        closeSync(descriptor)
      }
    }
  }
}

/** Encodes the part of an object file after the body: record and footer. */
export function encodeTail(record: ObjectRecord): Buffer {
  const json = Buffer.from(JSON.stringify(record), 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([json, length, magic])
}

/** Reads the record at the end of an object file; null if the file is not a complete object file. */
function readRecord(descriptor: number): ObjectRecord | null {
  const { size } = fstatSync(descriptor)
  const tail = readTail(descriptor, size, tailBytes)
  if (tail.length < footerBytes || !tail.subarray(-magic.length).equals(magic)) return null
  const jsonBytes = tail.readUInt32BE(tail.length - footerBytes)
  const whole = jsonBytes + footerBytes > tail.length ? readTail(descriptor, size, jsonBytes + footerBytes) : tail
  return JSON.parse(whole.subarray(whole.length - footerBytes - jsonBytes, -footerBytes).toString('utf8'))
}

function readTail(descriptor: number, size: number, bytes: number): Buffer {
  const tail = Buffer.allocUnsafe(Math.min(bytes, size))
  return tail.subarray(0, readSync(descriptor, tail, 0, tail.length, size - tail.length))
}
