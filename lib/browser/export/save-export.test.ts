import { beforeEach, expect, test, vi } from 'vitest'
import type { ExportFile } from './load-export'
import { saveExport } from './save-export'

const saved = vi.hoisted(() => new Map<string, Blob>())
vi.mock('../all-photos', () => ({ saveFile: (blob: Blob, name: string) => saved.set(name, blob) }))
beforeEach(() => saved.clear())

/** Files of 100 bytes each. */
async function* files(count: number): AsyncGenerator<ExportFile> {
  for (let at = 0; at < count; at += 1) yield { name: `${at}.webp`, input: new Blob(['x'.repeat(100)]) }
}

/** Returns the names of the files in a zip, in order. */
const namesIn = async (zip: Blob | undefined) => [...new Set((await zip?.text())?.match(/\d+\.webp/g))]

test('U101: saves one zip if all files fit', async () => {
  await saveExport(files(3), null, 1_000)
  expect([...saved.keys()]).toEqual(['photos.zip'])
  expect(await namesIn(saved.get('photos.zip'))).toEqual(['0.webp', '1.webp', '2.webp'])
})

test('U101: saves several zips of bounded size, and none that is empty', async () => {
  await saveExport(files(4), null, 200)
  expect([...saved.keys()]).toEqual(['photos-1.zip', 'photos-2.zip'])
  expect(await namesIn(saved.get('photos-2.zip'))).toEqual(['2.webp', '3.webp'])
})

test('U101: writes to the chosen file while it loads', async () => {
  const written: Uint8Array[] = []
  const writable = new WritableStream<Uint8Array>({ write: (chunk) => void written.push(chunk) })
  await saveExport(files(3), { createWritable: async () => writable })
  expect(await namesIn(new Blob(written as BlobPart[]))).toHaveLength(3)
  expect(saved.size).toBe(0)
})

test('U101: discards the chosen file if loading fails', async () => {
  const abort = vi.fn()
  const writable = new WritableStream<Uint8Array>({ abort })
  async function* failing(): AsyncGenerator<ExportFile> {
    yield* files(1)
    throw new Error('no network')
  }
  await expect(saveExport(failing(), { createWritable: async () => writable })).rejects.toThrow('no network')
  expect(abort).toHaveBeenCalledOnce()
})
