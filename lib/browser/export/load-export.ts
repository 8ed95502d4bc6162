import { pMapIterable } from 'p-map'
import type { ExportedImage, ExportPage } from '@/lib/images/schema'
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
    async (listed) => ({ image: listed.image, files: await load(listed, setup) }),
    { concurrency: parallelImages },
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

/** An image, and a function that returns it with new URLs; undefined if it was deleted. */
interface Listed {
  image: ExportedImage
  renew: () => Promise<ExportedImage | undefined>
}

/** Lists the images of all collections, one page after the other. */
async function* listImages(setup: ExportSetup, progress: ExportProgress): AsyncGenerator<Listed> {
  const { collections, onProgress } = setup
  for (const { name: collection } of collections) {
    let next: string | null = null
    do {
      const cursor: string | null = next
      const readPage = (): Promise<ExportPage> => granted(setup, () => api.exportImages({ collection, cursor }))
      const page = await readPage()
      if (page.total !== null) progress.total = page.total
      onProgress({ ...progress })
      for (const image of page.images) {
        const renew = async () => (await readPage()).images.find(({ imageId }) => imageId === image.imageId)
        yield { image, renew }
      }
      next = page.nextCursor
    } while (next !== null)
  }
}

/** Loads the files of an image that can be loaded. */
async function load({ image, renew }: Listed, { signal, onMissing }: ExportSetup): Promise<ExportFile[]> {
  const loadAll = ({ files }: ExportedImage) =>
    Promise.all(files.map(async ({ name, url }) => ({ name, input: await loadFile(url, signal) })))
  let loaded = await loadAll(image)
  if (loaded.some(({ input }) => input === 'expired')) {
    const renewed = await renew()
    if (renewed) loaded = await loadAll(renewed)
  }
  return loaded.flatMap(({ name, input }) => {
    if (input instanceof Blob) return { name, input, lastModified: new Date(image.savedAt) }
    onMissing(name)
    return []
  })
}

/**
 * Loads a file. `expired`: the store refuses the URL.
 * @returns null if the file is gone, or the store fails again and again
 */
async function loadFile(url: string, signal: AbortSignal): Promise<Blob | 'expired' | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(url, { signal })
      if (response.ok) return await response.blob()
      if (response.status === 403) return 'expired'
      if (response.status < 500 && response.status !== 429) return null
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
