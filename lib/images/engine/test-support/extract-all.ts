import { extractFrames } from '@/lib/images/engine/extract'
import type { RawPixels } from '@/lib/images/engine/sharp'

/** Extracts all frames; null if the data cannot be decoded. */
export async function extractAll(...input: Parameters<typeof extractFrames>): Promise<RawPixels[] | null> {
  const frames = await extractFrames(...input)
  if (!frames) return null
  const all: RawPixels[] = []
  for await (const frame of frames) all.push(frame)
  return all
}
