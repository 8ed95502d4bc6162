/** Returns a file's bytes, or null if it has changed on the disk, or is gone, since it was chosen. */
export async function readFile(file: Blob): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch {
    // File API standard, "Errors and exceptions": NotReadableError or NotFoundError.
    return null
  }
}

/** Whether a chosen file can still be read. A failed upload does not report the difference. */
export async function canRead(file: Blob): Promise<boolean> {
  return (await readFile(file.slice(0, 1))) !== null
}
