import { saveFile } from '../all-photos'
import type { ExportFile } from './load-export'

/** The file where the browser lets a page write while it loads. */
interface FileToWrite {
  createWritable(): Promise<WritableStream<Uint8Array>>
}

/** `showSaveFilePicker` of the File System Access API; missing in Firefox and Safari. */
type SaveFilePicker = (options: { suggestedName: string }) => Promise<FileToWrite>

const fileName = 'photos.zip'
/** Without such a file, a zip is in memory until the browser has saved it. */
const maxZipBytes = 500_000_000

/**
 * Asks where to save the export. Call it right after a press, which browsers require.
 * @returns null if the browser does not ask: it then saves one zip after the other
 * @throws AbortError if the person cancels
 */
export async function chooseFile(): Promise<FileToWrite | null> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: SaveFilePicker }
  return showSaveFilePicker ? showSaveFilePicker({ suggestedName: fileName }) : null
}

/**
 * Writes the files into one zip, or without a file into several of bounded size.
 * @throws what loading them throws
 */
export async function saveExport(
  files: AsyncGenerator<ExportFile>,
  file: FileToWrite | null,
  maxBytes = maxZipBytes,
): Promise<void> {
  const { downloadZip, makeZip } = await import('client-zip')
  // An error on the way discards the file.
  if (file) return makeZip(files).pipeTo(await file.createWritable())
  let next = await files.next()
  async function* takePart() {
    for (let bytes = 0; !next.done && bytes < maxBytes; next = await files.next()) {
      bytes += next.value.input.size
      yield next.value
    }
  }
  for (let part = 1; !next.done; part += 1) {
    const blob = await downloadZip(takePart()).blob()
    saveFile(blob, part === 1 && next.done ? fileName : fileName.replace('.', `-${part}.`))
  }
}
