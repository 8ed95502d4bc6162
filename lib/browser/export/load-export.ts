import { pMapIterable } from 'p-map'
import type { ExportedImage } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { api } from '../api-client'
import { type Failure, sleep } from '../attempt'
import { maxTries, repeatRequest } from '../repeat-request'

/** A file of the export. */
export interface ExportFile {
  /** A path inside of the zip. */
  name: string
  input: Blob
  lastModified?: Date
}

/** How far the export is. */
export interface ExportProgress {
  /** Images whose files are in the zip. */
  done: number
  /** All images; 0 while unknown. */
  total: number
}

/** The export cannot go on. */
export class ExportFailed extends Error {
  override name = 'ExportFailed'
  constructor(readonly failure: Failure) {
    super(`the export failed: ${failure.code}`)
  }
}

export interface ExportSetup {
  collections: readonly { name: string }[]
  signal: AbortSignal
  onProgress: (progress: ExportProgress) => void
  /** Gets the name of each file that cannot be loaded. */
  onMissing: (name: string) => void
}

/** Images whose files load at once. A file waits in memory until it is in the zip. */
const parallelImages = 4
/**
 * Loads everything of the person: the files of all images, then `photos.json`, which describes them (docs/api.md).
 * Requests URLs page by page, because they expire.
 * @throws ExportFailed, or the signal's reason once it is aborted
 */
export async function* loadExport(setup: ExportSetup): AsyncGenerator<ExportFile> {
  const { signal, onProgress } = setup
  const listed: object[] = []
  const progress = { done: 0, total: 0 }
  const images = pMapIterable(
    listImages(setup, progress),
    async (image) => ({ image, files: await load(image, setup) }),
    {
      concurrency: parallelImages,
    },
  )
  for await (const { image, files } of images) {
    signal.throwIfAborted()
    for (const file of files) yield file
    const { files: stored, ...described } = image
    listed.push({ ...described, files: stored.map(({ name }) => name) })
    progress.done += 1
    onProgress({ ...progress })
  }
  const json = JSON.stringify(await describe(setup, listed), null, 2)
  yield { name: 'photos.json', input: new Blob([json], { type: 'application/json' }) }
}

/** Lists the images of all collections, one page after the other. */
async function* listImages(setup: ExportSetup, progress: ExportProgress) {
  const { collections, onProgress } = setup
  for (const { name: collection } of collections) {
    let cursor: string | null = null
    do {
      const page = await granted(setup, () => api.exportImages({ collection, cursor }))
      if (page.total !== null) progress.total = page.total
      onProgress({ ...progress })
      yield* page.images
      cursor = page.nextCursor
    } while (cursor !== null)
  }
}

/** Loads the files of an image that can be loaded. */
async function load({ files, savedAt }: ExportedImage, { signal, onMissing }: ExportSetup): Promise<ExportFile[]> {
  const loaded = await Promise.all(
    files.map(async ({ name, url }) => {
      const input = await loadFile(url, signal)
      if (!input) onMissing(name)
      return input && { name, input, lastModified: new Date(savedAt) }
    }),
  )
  return loaded.filter((file) => file !== null)
}

/** Returns null if the file cannot be loaded: it is gone, or the store fails again and again. */
async function loadFile(url: string, signal: AbortSignal): Promise<Blob | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(url, { signal })
      if (response.ok) return await response.blob()
      if (response.status < 500) return null
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TypeError)) throw error
    }
    if (tries === maxTries) return null
    await sleep(tries, signal)
  }
}

async function describe(setup: ExportSetup, images: object[]) {
  const { user } = await granted(setup, api.readSession)
  const history: Record<string, object> = {}
  for (const { name } of setup.collections) {
    history[name] = (await granted(setup, () => api.readCurrent({ collection: name }))).history
  }
  return { version: 1, exportedAt: new Date().toISOString(), person: user, images, history }
}

/** @throws ExportFailed */
async function granted<T>({ signal }: ExportSetup, request: () => Promise<Result<T>>): Promise<T> {
  const result = await repeatRequest(request, signal)
  if (!result.ok) throw new ExportFailed(result)
  return result.value
}
