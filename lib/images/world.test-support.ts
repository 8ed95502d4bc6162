import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import {
  type _Object,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { vi } from 'vitest'
import { prepareBuckets } from '@/dev/prepare-bucket'
import { openStoreUnderTest } from '@/dev/store-under-test'
import type { Collection } from './collections'
import type { Result } from './errors'
import type { Owner } from './owner'
import { moveTime, passTime, signByTrueTime, storeTimeOf } from './passing-time.test-support'
import type { CropAnswer, CropRequest, SavedImage } from './schema'
import { dropConditions, watchRequests } from './watched-client.test-support'

/**
 * A world for the flows: a real store, hosts as they come and go, and time that passes as the test wants. A host is a
 * module graph of its own, with its own clock; it can be killed at any of its writes.
 */

const RealDate = Date
/** How far the clock of the host at work is ahead of the store's, in milliseconds. */
const skew = new AsyncLocalStorage<number>()
/** Time that tests let pass on a store that follows: its clock and those of all hosts are moved. */
let followedMs = 0
/** How far a store that follows is wrong about the time, in milliseconds. */
let storeErrorMs = 0

class SkewedDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [SkewedDate.now()] : given) as [number]))
  }
  static override now(): number {
    return RealDate.now() + followedMs + (skew.getStore() ?? 0)
  }
}

export const appOrigin = 'http://localhost:3000'

export const hourMs = 60 * 60 * 1000

/** What the bucket's lifecycle rules are in a deployment, in milliseconds. */
const expiries = [
  { prefix: 'incoming/', afterMs: 24 * hourMs },
  { prefix: 'drafts/', afterMs: 48 * hourMs },
]

export type World = Awaited<ReturnType<typeof startWorld>>
export type Host = Awaited<ReturnType<World['startHost']>>

interface HostOptions {
  /** How far the host's clock is ahead of the store's. */
  skewMs?: number
  /** Environment of its own. */
  variables?: Record<string, string>
  /** Talks to a store that does not know conditional requests. */
  withoutConditions?: boolean
  /** The collection at work: one of the product's by name, or one that only this host knows. */
  collection?: string | Collection
}

/** Opens the store under test, with a bucket that is this world's own. */
export async function startWorld() {
  vi.stubGlobal('Date', SkewedDate)
  const store = await openStoreUnderTest({ now: () => new RealDate(RealDate.now() + followedMs + storeErrorMs) })
  const { endpoint, region, accessKeyId, secretAccessKey, followsOurClock } = store
  const account = { region, accessKeyId, secretAccessKey }
  const bucketName = `flows-${randomBytes(8).toString('hex')}`
  const s3 = new S3Client({ endpoint, region, credentials: account, forcePathStyle: true })
  if (followsOurClock) await prepareBuckets({ endpoint, ...account }, [bucketName], appOrigin)
  else {
    // No rules: what would have expired is deleted as time passes, and not at the speed of the store's own days.
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
   * Lets time pass, for everyone; what is uploaded or drafted expires with it. On a store with a clock of its own that
   * is what hosts see; what the store itself checks the time of, the life of policies and signed URLs, stays.
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

  async function startHost(options: HostOptions = {}) {
    const { skewMs = 0, variables = {}, withoutConditions = false, collection = 'avatars' } = options
    vi.unstubAllEnvs()
    for (const [name, value] of Object.entries({ ...standard, ...variables })) vi.stubEnv(name, value)
    vi.resetModules()
    const [
      upload,
      crop,
      openUpload,
      save,
      deletion,
      current,
      altText,
      recrop,
      readImage,
      gallery,
      sweep,
      buckets,
      collections,
    ] = await Promise.all([
      import('./upload'),
      import('./crop'),
      import('./open-upload'),
      import('./save'),
      import('./delete'),
      import('./current'),
      import('./alt-text'),
      import('./recrop'),
      import('./read-image'),
      import('./gallery'),
      import('./sweep'),
      import('./buckets'),
      import('./collections'),
    ])
    const here =
      <A extends unknown[], R>(flow: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        skew.run(skewMs, () => flow(...args))
    if (typeof collection !== 'string') (collections.collections as Collection[]).push(collection)
    const avatars = typeof collection === 'string' ? (collections.findCollection(collection) as Collection) : collection
    const bucket = buckets.bucketOf(avatars)
    if (!followsOurClock) moveTime(bucket)
    if (withoutConditions) dropConditions(bucket.client)
    const watch = watchRequests(bucket.client)
    return {
      ...watch,
      bucket,
      avatars,
      startUpload: here(upload.startUpload),
      cropUpload: here(crop.cropUpload),
      openUpload: here(openUpload.openUpload),
      saveImage: here(save.saveImage),
      deleteImage: here(deletion.deleteImage),
      setCurrent: here((owner: Owner, imageId: string | null) => current.setCurrentImage(owner, avatars, imageId)),
      describeImage: here(altText.describeImage),
      recropImage: here(recrop.recropImage),
      readImage: here(readImage.readImage),
      current: here(async (owner: Owner) =>
        current.readCurrent(owner, avatars, await current.loadTrail(owner, avatars)),
      ),
      gallery: here((owner: Owner, page: { cursor?: string | null; limit?: number } = {}) =>
        gallery.listGallery(owner, avatars, current.loadTrail(owner, avatars), { cursor: null, limit: 24, ...page }),
      ),
      sweep: here(async (owner: Owner) =>
        sweep.sweepLeftovers(owner, avatars, await current.loadTrail(owner, avatars)),
      ),
    }
  }

  return {
    s3,
    bucketName,
    account,
    endpoint,
    followsOurClock,
    faults: store.faults,
    startHost,
    storeNow,
    /** By which the store judges policies and signatures. */
    signingNow: () => (followsOurClock ? storeNow() : RealDate.now()),
    advance,
    /** Puts the clock of a store that follows, and no host's, so far ahead of the right time; 0 puts it right. */
    misdate: (ms: number) => {
      storeErrorMs = ms
    },
    /** All keys below a prefix. */
    keys: async (prefix: string): Promise<string[]> => (await list(prefix)).map(({ Key }) => Key ?? ''),
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

/** A JPEG without symmetry, another for each seed. */
export async function createPicture(seed: number, width = 90, height = 70): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < data.length; at += 1) data[at] = (at * (seed + 3) + (at >> 5) * 7) % 256
  return sharp(data, { raw: { width, height, channels: 3 } })
    .blur(2)
    .jpeg()
    .toBuffer()
}

/** Fields and file as a browser sends them. */
export function toForm(fields: Record<string, string>, file: Uint8Array): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([new Uint8Array(file)]), 'IMG_1234.jpg')
  return form
}

/** What stands at a URL that the app gave out. */
export async function bytesAt(url: string): Promise<Buffer> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status} at ${url}: ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}

/** Where the original of a saved picture is handed out. */
export function originalOf({ original }: Pick<SavedImage, 'original'>): string {
  if (!original) throw new Error('the original was not kept')
  return original.url
}

export function granted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`)
  return result.value
}

/** Step 1, as a browser goes through it. */
export async function upload(host: Host, owner: Owner, file: Uint8Array): Promise<string> {
  const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
  const ticket = granted(await host.startUpload(owner, request))
  const answer = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, file) })
  if (!answer.ok) throw new Error(await answer.text())
  return ticket.imageId
}

export const cropOf = (imageId: string, x = 0, side = 50): CropRequest => ({
  imageId,
  area: { x, y: 0, width: side, height: side },
  rotate: 0,
  flip: { horizontal: false, vertical: false },
})

/** Steps 1 and 2. */
export async function draft(host: Host, owner: Owner, seed = 1): Promise<CropAnswer> {
  const imageId = await upload(host, owner, await createPicture(seed))
  return granted(await host.cropUpload(owner, cropOf(imageId)))
}

/** Steps 1 to 3. */
export async function save(host: Host, owner: Owner, seed = 1): Promise<SavedImage> {
  const { imageId, cropId } = await draft(host, owner, seed)
  return granted(await host.saveImage(owner, { imageId, cropId }))
}

let people = 0
/** Someone whom this world has not seen. */
export function createOwner(): Owner {
  people += 1
  return { uid: people.toString(32).padStart(32, '0') }
}
