import type { ImageSize } from '@/lib/browser/load-image'

/** The limits of a file. */
export interface FileLimits {
  /** Content types. */
  types: readonly string[]
  maxBytes: number
  maxPixels: number
}

/** Why files are rejected. Each code has a sentence: `upload.problems.<code>` in messages/. */
export type Problem =
  | { code: 'several_files'; count: number }
  | { code: 'empty' | 'wrong_type' | 'heic' | 'unreadable' | 'not_shrunk'; name: string }
  | { code: 'too_large'; name: string; bytes: number }
  | { code: 'too_many_pixels'; name: string; pixels: number }

/** What to do with a file: upload it, convert it to JPEG first, offer to shrink it, or reject it. */
export type Verdict =
  | { kind: 'fits' }
  | { kind: 'convert' }
  | { kind: 'oversized'; problem: Problem }
  | { kind: 'rejected'; problem: Problem }

const rejected = (problem: Problem): Verdict => ({ kind: 'rejected', problem })

/**
 * Checks a file in the browser, before any request, for early feedback. The store and the hosts check again.
 * @param measure reads the image's size in pixels, or null if the browser cannot decode it
 */
export async function checkFile(
  file: File,
  limits: FileLimits,
  measure: (file: File) => Promise<ImageSize | null>,
): Promise<Verdict> {
  const { name, size: bytes } = file
  if (bytes === 0) return rejected({ code: 'empty', name })

  if (isHeic(file)) return (await measure(file)) ? { kind: 'convert' } : rejected({ code: 'heic', name })
  if (!limits.types.includes(file.type)) return rejected({ code: 'wrong_type', name })

  const size = await measure(file)
  const pixels = size ? size.width * size.height : 0
  if (bytes > limits.maxBytes) return tooBig(file, { code: 'too_large', name, bytes }, size !== null)
  if (!size) return rejected({ code: 'unreadable', name })
  if (pixels > limits.maxPixels) return tooBig(file, { code: 'too_many_pixels', name, pixels }, true)
  return { kind: 'fits' }
}

/** Offers to shrink a file over a limit. Not a GIF: the browser would silently drop its animation. */
function tooBig(file: File, problem: Problem, readable: boolean): Verdict {
  return readable && file.type !== 'image/gif' ? { kind: 'oversized', problem } : rejected(problem)
}

/** Some systems report no type for HEIC files, so check the file name too. */
function isHeic(file: File): boolean {
  return /^image\/hei[cf]/.test(file.type) || (file.type === '' && /\.hei[cf]$/i.test(file.name))
}
