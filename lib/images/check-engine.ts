import 'server-only'

/** The image library does not run on this machine. */
export class EngineUnavailable extends Error {
  override name = 'EngineUnavailable'
}

/** Loads the image engine and encodes one pixel. Without it, every crop would fail. @throws EngineUnavailable */
export async function checkEngine(): Promise<void> {
  try {
    const { fromRaw } = await import('./engine/sharp')
    await fromRaw({ data: Buffer.alloc(3), width: 1, height: 1, channels: 3 })
      .webp()
      .toBuffer()
  } catch (error) {
    // The message of sharp continues with a list of install commands.
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    throw new EngineUnavailable(
      `The image library sharp does not work on this machine: ${reason} Copy the whole artefact, with its symbolic ` +
        'links, and build it on the same operating system, processor and C library. Minimal images need libresolv.so.2.',
      { cause: error },
    )
  }
}
