import type { SavedImage } from '@/lib/images/schema'
import { ok, type Result } from '@/lib/result'
import { api } from './api-client'

/** Reads every photo of the person in these collections, page by page. */
export async function readAllPhotos(collections: readonly { name: string }[]): Promise<Result<SavedImage[]>> {
  const photos: SavedImage[] = []
  for (const collection of collections) {
    let cursor: string | null = null
    do {
      const page = await api.listImages({ collection: collection.name, cursor })
      if (!page.ok) return page
      photos.push(...page.value.images)
      cursor = page.value.nextCursor
    } while (cursor !== null)
  }
  return ok(photos)
}

/** A file to download: its presigned URL and its name. */
interface PhotoFile {
  url: string
  name: string
}

/** Returns one file per photo: the original, or the largest variant if the original was not kept. Names are unique. */
export function filesOf(photos: readonly SavedImage[]): PhotoFile[] {
  const names = new Map<string, number>()
  return photos.flatMap(({ original, variants }) => {
    const url = original?.url ?? variants[0]?.downloadUrl
    if (!url) return []
    const name = downloadName(url)
    const count = (names.get(name) ?? 0) + 1
    names.set(name, count)
    return { url, name: count === 1 ? name : name.replace(/(\.\w+)?$/, ` (${count})$1`) }
  })
}

/** Returns the name under which a browser would save a presigned download. */
function downloadName(url: string): string {
  const disposition = new URL(url).searchParams.get('response-content-disposition')
  return disposition?.match(/filename="([^"]+)"/)?.[1] ?? 'photo'
}

/**
 * Loads the files one after another into one zip file.
 * @param onProgress called with the number of files that are in it
 * @throws TypeError if the network fails, Error if the store refuses a file, the signal's reason once it is aborted
 */
export async function zip(
  files: readonly PhotoFile[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const { downloadZip } = await import('client-zip')
  async function* load() {
    for (const [index, { url, name }] of files.entries()) {
      onProgress(index)
      const response = await fetch(url, { signal })
      if (!response.ok) throw new Error(`loading a photo answered ${response.status}`)
      yield { name, input: response }
    }
  }
  return downloadZip(load()).blob()
}

/** Lets the browser save a file. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has no event for the end of a download.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
