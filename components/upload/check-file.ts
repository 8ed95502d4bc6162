import { readFile } from '@/lib/browser/read-file'
import type { ImageSize } from '@/lib/browser/shrink'
import { countFrames, isAnimatedPng, mayBeAnimated } from '@/lib/images/file/frames'
import { imageTypeBytes, readImageType } from '@/lib/images/file/image-type'
import { countPixels } from '@/lib/images/file/pixel-count'
import { isTruncated } from '@/lib/images/file/truncation'

/** The limits of a file. */
export interface FileLimits {
  /** Content types. */
  types: readonly string[]
  maxBytes: number
  maxPixels: number
  /** The largest rendered size, which every frame of an animation needs. */
  largestVariant: ImageSize | undefined
}

/** Why files are rejected. Each code has a sentence: `upload.problems.<code>` in messages/. */
export type Problem =
  | { code: 'several_files'; count: number }
  | { code: SimpleProblem; name: string }
  | { code: 'too_large'; name: string; bytes: number }
  | { code: 'too_many_pixels'; name: string; pixels: number }
  | { code: 'too_many_frames'; name: string; frames: number; maxFrames: number }

type SimpleProblem =
  | 'empty'
  | 'wrong_type'
  | 'heic'
  | 'moving_avif'
  | 'unreadable'
  | 'incomplete'
  | 'file_changed'
  | 'not_shrunk'

/**
 * What to do with a file: upload it, convert it to JPEG first, offer to shrink it, or reject it. `file` is the chosen
 * file with the type of its content. `losesMotion`: it moves, and is saved as a still.
 */
export type Verdict =
  | { kind: 'fits'; file: File; losesMotion: boolean }
  | { kind: 'convert'; file: File }
  | { kind: 'oversized'; file: File; problem: Problem }
  | { kind: 'rejected'; problem: Problem }

const rejected = (problem: Problem): Verdict => ({ kind: 'rejected', problem })

/**
 * Checks a file in the browser, before any request, for early feedback. The store and the hosts check again. Its content
 * decides about its type; the browser's `type` may be missing or outdated.
 * @param measure reads the image's size in pixels, or null if the browser cannot decode it
 */
export async function checkFile(
  chosen: File,
  limits: FileLimits,
  measure: (file: File) => Promise<ImageSize | null>,
): Promise<Verdict> {
  const { name, size: bytes } = chosen
  if (bytes === 0) return rejected({ code: 'empty', name })
  const isTooLarge = bytes > limits.maxBytes
  // Of a file over the limit, the start is enough.
  const content = await readFile(isTooLarge ? chosen.slice(0, imageTypeBytes) : chosen)
  if (!content) return rejected({ code: 'file_changed', name })

  const type = readImageType(content)
  const file = type && type !== chosen.type ? new File([chosen], name, { type }) : chosen
  if (type === 'image/heic') return { kind: 'convert', file }
  if (type === 'image/avif-sequence') return rejected({ code: 'moving_avif', name })
  if (!type || !limits.types.includes(type)) return rejected({ code: 'wrong_type', name })

  const size = await measure(file)
  if (isTooLarge) {
    const problem: Problem = { code: 'too_large', name, bytes }
    // Not an animation: the browser would silently drop its frames.
    return size && !mayBeAnimated(content) ? { kind: 'oversized', file, problem } : rejected(problem)
  }
  if (!size) return rejected({ code: 'unreadable', name })
  const frames = countFrames(content)
  const pixels = countPixels({ ...size, frames }, limits.largestVariant)
  if (pixels > limits.maxPixels) {
    if (frames > 1) {
      const maxFrames = Math.floor((frames * limits.maxPixels) / pixels)
      return rejected({ code: 'too_many_frames', name, frames, maxFrames })
    }
    const problem: Problem = { code: 'too_many_pixels', name, pixels }
    return mayBeAnimated(content) ? rejected(problem) : { kind: 'oversized', file, problem }
  }
  if (await isTruncated(content)) return rejected({ code: 'incomplete', name })
  return { kind: 'fits', file, losesMotion: isAnimatedPng(content) }
}
