import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import {
  type _Object,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { vi } from 'vitest'
import type { Collection } from '@/lib/images/collections'
import type { CropAnswer, CropRequest, SavedImage } from '@/lib/images/schema'
import { imageIdOf } from '@/lib/images/storage/ids'
import type { Owner } from '@/lib/images/storage/image-ref'
import type { Result } from '@/lib/result'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { openStoreUnderTest } from '@/tools/testing/store-under-test'
import { moveTime, passTime, signByTrueTime, storeTimeOf } from './passing-time'
import { dropConditions, randomiseDates, watchRequests } from './watched-client'

/**
 * A test environment: a real store, hosts, and time that a test can advance. Each host is a separate module graph with
 * its own clock, which a test can kill at any of its writes.
 */

const RealDate = Date
/** How far the clock of the running host is ahead of the store's, in milliseconds. */
const skew = new AsyncLocalStorage<number>()
/** Milliseconds by which tests advanced a store that follows our clock. They move the clocks of store and hosts. */
let followedMs = 0
/** The clock error of a store that follows our clock, in milliseconds. */
let storeErrorMs = 0

class SkewedDate extends RealDate {
  constructor(...args: unknown[]) {
    super(...((args.length === 0 ? [SkewedDate.now()] : args) as [number]))
  }
  static override now(): number {
    return RealDate.now() + followedMs + (skew.getStore() ?? 0)
  }
}

export const appOrigin = 'http://localhost:3000'

export const hourMs = 60 * 60 * 1000

/** The bucket's lifecycle rules in a deployment, in milliseconds. */
const expiries = [
  { prefix: 'incoming/', afterMs: 24 * hourMs },
  { prefix: 'drafts/', afterMs: 48 * hourMs },
]

export type World = Awaited<ReturnType<typeof startWorld>>
export type Host = Awaited<ReturnType<World['startHost']>>

interface HostOptions {
  /** How far the host's clock is ahead of the store's. */
  skewMs?: number
  /** Environment variables of this host only. */
  variables?: Record<string, string>
  /** The host's store ignores conditional requests. */
  withoutConditions?: boolean
  /** The host's store reports random LastModified times, except for tombstones. */
  withRandomDates?: boolean
  /** Turns logging off, for tests that expect failures. */
  isSilent?: boolean
  /** The collection of the host's steps: the name of a product collection, or a collection that only this host has. */
  collection?: string | Collection
}

/** Opens the store under test and creates a bucket for this world only. */
export async function startWorld() {
  vi.stubGlobal('Date', SkewedDate)
  const store = await openStoreUnderTest({ now: () => new RealDate(RealDate.now() + followedMs + storeErrorMs) })
  const { endpoint, region, accessKeyId, secretAccessKey, followsOurClock } = store
  const account = { region, accessKeyId, secretAccessKey }
  const bucketName = `flows-${randomBytes(8).toString('hex')}`
  const s3 = new S3Client({ endpoint, region, credentials: account, forcePathStyle: true })
  if (followsOurClock) await prepareBuckets({ endpoint, ...account }, [bucketName], appOrigin)
  else {
    // Sets no lifecycle rules, because the length of a day differs between stores. `advance` deletes expired objects.
    await s3.send(new CreateBucketCommand({ Bucket: bucketName }))
    signByTrueTime()
  }

  const standard = {
    APP_ORIGIN: appOrigin,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    S3_BUCKET: bucketName,
    AUTH_MODE: 'guest',
    SESSION_SECRETS: 's'.repeat(32),
  }

  const list = async (prefix: string) => {
    const listed: _Object[] = []
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucketName, Prefix: prefix })) {
      listed.push(...(page.Contents ?? []))
    }
    return listed
  }

  const remove = async (objects: _Object[]) => {
    const keys = objects.map(({ Key }) => ({ Key }))
    while (keys.length > 0) {
      const some = keys.splice(0, 1000)
      await s3.send(new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects: some, Quiet: true } }))
    }
  }

  const storeNow = () => (followsOurClock ? RealDate.now() + followedMs + storeErrorMs : storeTimeOf(RealDate.now()))

  /**
   * Advances the time of the store and all hosts, and expires uploads and drafts. A store with its own clock does not
   * advance, so its policies and signed URLs do not expire.
   */
  const advance = async (ms: number): Promise<void> => {
    if (followsOurClock) {
      followedMs += ms
      return
    }
    await passTime(ms)
    const now = storeNow()
    for (const { prefix, afterMs } of expiries) {
      const isExpired = ({ LastModified }: _Object) => now - storeTimeOf(LastModified?.getTime() ?? 0) > afterMs
      await remove((await list(prefix)).filter(isExpired))
    }
  }

  // One start at a time: starts share the environment and the module registry.
  let lastStart: Promise<unknown> = Promise.resolve()
  const startHost = (options: HostOptions = {}) => {
    const start = lastStart.then(() => startNextHost(options))
    lastStart = start.catch(() => undefined)
    return start
  }

  async function startNextHost(options: HostOptions) {
    const { skewMs = 0, variables = {}, collection = 'avatars' } = options
    vi.unstubAllEnvs()
    for (const [name, value] of Object.entries({ ...standard, ...variables })) vi.stubEnv(name, value)
    vi.resetModules()
    // All hosts of a test run in one process. Each needs its own per-process values, such as its crop limiter.
    const values = new Map<string, unknown>()
    vi.doMock('@/lib/per-process', () => ({
      perProcess: (name: string, create: () => unknown) => {
        if (!values.has(name)) values.set(name, create())
        return values.get(name)
      },
    }))
    const [
      log,
      deadline,
      upload,
      crop,
      openUpload,
      save,
      deletion,
      erase,
      eraseAll,
      exporting,
      copying,
      current,
      describe,
      recrop,
      gallery,
      cleanup,
      buckets,
      collections,
    ] = await Promise.all([
      import('@/lib/log'),
      import('@/lib/images/store-deadline'),
      import('@/lib/images/upload'),
      import('@/lib/images/crop'),
      import('@/lib/images/open-upload'),
      import('@/lib/images/save'),
      import('@/lib/images/delete'),
      import('@/lib/images/storage/erase'),
      import('@/lib/images/erase-all'),
      import('@/lib/images/export'),
      import('@/lib/images/copy-images'),
      import('@/lib/images/current'),
      import('@/lib/images/describe'),
      import('@/lib/images/recrop'),
      import('@/lib/images/gallery'),
      import('@/lib/images/storage/cleanup'),
      import('@/lib/images/storage/buckets'),
      import('@/lib/images/collections'),
    ])
    // Runs a use case as app/_shell/run-step.ts does, on the clock of this host.
    const here =
      <A extends unknown[], R>(useCase: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        skew.run(skewMs, () => deadline.withStoreDeadline(() => useCase(...args)))
    if (typeof collection !== 'string') (collections.collections as Collection[]).push(collection)
    const avatars = typeof collection === 'string' ? (collections.findCollection(collection) as Collection) : collection
    const bucket = buckets.bucketOf(avatars)
    if (!followsOurClock) moveTime(bucket)
    if (options.isSilent) log.log().level = 'silent'
    if (options.withRandomDates) randomiseDates(bucket.client)
    if (options.withoutConditions) dropConditions(bucket.client)
    const watch = watchRequests(bucket.client)
    return {
      ...watch,
      bucket,
      avatars,
      startUpload: here(upload.startUpload),
      cropUpload: here(crop.cropUpload),
      openUpload: here(openUpload.openUpload),
      saveImage: here(save.saveImage),
      /** The part of a deletion before the answer. Pass its result to `finishDeletions`. */
      deleteImage: here(deletion.deleteImage),
      /** The part of a bulk deletion before the answer. Pass its `toErase` to `finishDeletions`. */
      deleteImages: here(deletion.deleteImages),
      /** The part of a deletion after the answer. */
      finishDeletions: here(erase.finishDeletions),
      copyImages: here(copying.copyImages),
      exportImages: here((owner: Owner, cursor: string | null = null) =>
        exporting.exportImages(owner, avatars, cursor),
      ),
      /** One step of erasing everything. */
      eraseAll: here(eraseAll.eraseAll),
      setCurrent: here((owner: Owner, imageId: string | null) => current.setCurrentImage(owner, avatars, imageId)),
      describeImage: here(describe.describeImage),
      recropImage: here(recrop.recropImage),
      readImage: here(gallery.readImage),
      current: here(async (owner: Owner) =>
        current.showCurrent(owner, avatars, await current.loadTrail(owner, avatars)),
      ),
      history: here(async (owner: Owner) =>
        current.showHistory(owner, avatars, await current.loadTrail(owner, avatars)),
      ),
      gallery: here(async (owner: Owner, page: { cursor?: string | null; limit?: number } = {}) => {
        const request = { cursor: null, limit: 24, ...page }
        const answer = await gallery.listGallery(owner, avatars, current.loadTrail(owner, avatars), request)
        return answer.ok ? { ok: true as const, value: answer.value.page } : answer
      }),
      /** Opens the gallery and runs the cleanup that follows the response. */
      visitGallery: here(async (owner: Owner, page: { cursor?: string | null; limit?: number } = {}) => {
        const trail = current.loadTrail(owner, avatars)
        const answer = await gallery.listGallery(owner, avatars, trail, { cursor: null, limit: 24, ...page })
        if (!answer.ok) return
        const { deleted } = answer.value
        await deadline.withOwnStoreDeadline(async () => cleanup.cleanUp(owner, avatars, await trail, deleted))
      }),
    }
  }

  return {
    s3,
    bucketName,
    account,
    endpoint,
    otherUser: store.otherUser,
    followsOurClock,
    faults: store.faults,
    startHost,
    storeNow,
    /** Returns the time by which the store checks policies and signatures. */
    signingNow: () => (followsOurClock ? storeNow() : RealDate.now()),
    advance,
    /** Sets the clock of a store that follows ours ahead by `ms`, but not the clocks of hosts. 0 corrects it. */
    misdate: (ms: number) => {
      storeErrorMs = ms
    },
    /** Lists all keys below a prefix. */
    keys: async (prefix: string): Promise<string[]> => (await list(prefix)).map(({ Key }) => Key ?? ''),
    /** Writes an object directly, like a late request or another build of the app. */
    place: async (key: string, body = ''): Promise<void> => {
      const Body = Buffer.from(body)
      await s3.send(new PutObjectCommand({ Bucket: bucketName, Key: key, Body, ContentLength: Body.length }))
    },
    /** Deletes objects directly. */
    erase: (keys: string[]): Promise<void> => remove(keys.map((Key) => ({ Key }))),
    end: async () => {
      await remove(await list(''))
      await s3.send(new DeleteBucketCommand({ Bucket: bucketName }))
      s3.destroy()
      await store.close()
      vi.unstubAllEnvs()
      vi.unstubAllGlobals()
    },
  }
}

/** Creates a JPEG without symmetry, different for each seed. */
export async function createPicture(seed: number, width = 90, height = 70): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < data.length; at += 1) data[at] = (at * (seed + 3) + (at >> 5) * 7) % 256
  return sharp(data, { raw: { width, height, channels: 3 } })
    .blur(2)
    .jpeg()
    .toBuffer()
}

/** Builds a form as a browser sends it: fields first, then the file. */
export function toForm(fields: Record<string, string>, file: Uint8Array): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([new Uint8Array(file)]), 'IMG_1234.jpg')
  return form
}

/** Downloads a URL. @throws if the status is not 2xx */
export async function bytesAt(url: string): Promise<Buffer> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status} at ${url}: ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}

/** Returns the URL of a saved image's original. @throws if it was not kept */
export function originalOf({ original }: Pick<SavedImage, 'original'>): string {
  if (!original) throw new Error('the original was not kept')
  return original.url
}

/** Returns the value of a result. @throws if it is a refusal */
export function granted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`)
  return result.value
}

/** Runs step 1 like a browser. @returns the uploadId */
export async function upload(host: Host, owner: Owner, file: Uint8Array): Promise<string> {
  const request = { collection: host.avatars.name, contentType: 'image/jpeg', size: file.length }
  const ticket = granted(await host.startUpload(owner, request))
  const answer = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, file) })
  if (!answer.ok) throw new Error(await answer.text())
  return ticket.uploadId
}

/** Returns the request of a square crop at the top of an upload. */
export const cropOf = (uploadId: string, x = 0, side = 50): CropRequest => ({
  uploadId,
  area: { x, y: 0, width: side, height: side },
  rotate: 0,
  flip: { horizontal: false, vertical: false },
})

/** Runs steps 1 and 2. */
export async function draft(host: Host, owner: Owner, seed = 1): Promise<CropAnswer> {
  const uploadId = await upload(host, owner, await createPicture(seed))
  return granted(await host.cropUpload(owner, cropOf(uploadId)))
}

/** Runs steps 1 to 3. */
export async function save(host: Host, owner: Owner, seed = 1): Promise<SavedImage> {
  const { uploadId, cropId } = await draft(host, owner, seed)
  return granted(await host.saveImage(owner, { uploadId, cropId }))
}

/** Deletes an image, including the part after the answer. */
export async function remove(host: Host, owner: Owner, imageId: string): Promise<void> {
  await host.finishDeletions(granted(await host.deleteImage(owner, imageId)))
}

/** Erases everything of a person, step by step. @returns the number of steps */
export async function eraseAll(host: Pick<Host, 'eraseAll'>, owner: Owner): Promise<number> {
  for (let steps = 1; ; steps += 1) if ((await host.eraseAll(owner)).done) return steps
}

/** Deletes every version in a versioned bucket. */
export async function deleteAllVersions(s3: S3Client, Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [], IsTruncated } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
  }
  if (IsTruncated) await deleteAllVersions(s3, Bucket)
}

/** Returns the ids that a save request contains. */
export const idsOf = ({ uploadId, cropId }: { uploadId: string; cropId: string }) => ({ uploadId, cropId })

/** Returns the id of the image that this save creates. */
export function imageIdOfSave(
  { uid }: Owner,
  { uploadId, cropId, keepOriginal = true }: { uploadId: string; cropId: string; keepOriginal?: boolean | undefined },
): string {
  return imageIdOf(uid, uploadId, cropId, keepOriginal)
}

let people = 0
/** Creates a person without images. */
export function createOwner(): Owner {
  people += 1
  return { uid: people.toString(32).padStart(32, '0') }
}
