import type { ImageSize } from '@/lib/browser/load-image'

/** What a file must keep to. */
export interface FileLimits {
  /** Content types. */
  types: readonly string[]
  maxBytes: number
  maxPixels: number
}

/** Why files cannot be taken as they are. Each is a sentence, `upload.problems.<code>` in messages. */
export type Problem =
  | { code: 'several_files'; count: number }
  | { code: 'empty' | 'wrong_type' | 'heic' | 'unreadable' | 'not_shrunk'; name: string }
  | { code: 'too_large'; name: string; bytes: number }
  | { code: 'too_many_pixels'; name: string; pixels: number }

/** Take it; write it as JPEG first; it is too big, but can be made smaller; or no. */
export type Verdict =
  | { kind: 'fits' }
  | { kind: 'convert' }
  | { kind: 'oversized'; problem: Problem }
  | { kind: 'refused'; problem: Problem }

const refused = (problem: Problem): Verdict => ({ kind: 'refused', problem })

/**
 * Checks a file in the browser, before any request. The store and the hosts check again: this is to tell early.
 * @param measure reads the picture's size, null where the browser cannot
 */
export async function checkFile(
  file: File,
  limits: FileLimits,
  measure: (file: File) => Promise<ImageSize | null>,
): Promise<Verdict> {
  const { name, size: bytes } = file
  if (bytes === 0) return refused({ code: 'empty', name })

  if (isHeic(file)) return (await measure(file)) ? { kind: 'convert' } : refused({ code: 'heic', name })
  if (!limits.types.includes(file.type)) return refused({ code: 'wrong_type', name })

  const size = await measure(file)
  const pixels = size ? size.width * size.height : 0
  if (bytes > limits.maxBytes) return tooBig(file, { code: 'too_large', name, bytes }, size !== null)
  if (!size) return refused({ code: 'unreadable', name })
  if (pixels > limits.maxPixels) return tooBig(file, { code: 'too_many_pixels', name, pixels }, true)
  return { kind: 'fits' }
}

/** A GIF made smaller by the browser would no longer move: better choose another than lose that unasked. */
function tooBig(file: File, problem: Problem, readable: boolean): Verdict {
  return readable && file.type !== 'image/gif' ? { kind: 'oversized', problem } : refused(problem)
}

/** Some systems know no type for HEIC, only the name's ending. */
function isHeic(file: File): boolean {
  return /^image\/hei[cf]/.test(file.type) || (file.type === '' && /\.hei[cf]$/i.test(file.name))
}
