interface Picture {
  /** Size of one frame, in pixels. */
  width: number
  height: number
  /** 1 for a still picture. */
  frames: number
}

/**
 * Returns how many pixels count towards the limit (security S16): those of every frame of an animation, at its own size
 * or at the size of the largest variant, whichever is larger. The page and the hosts use the same count.
 */
export function countPixels(
  { width, height, frames }: Picture,
  largestVariant?: { width: number; height: number },
): number {
  const drawn = frames > 1 && largestVariant ? largestVariant.width * largestVariant.height : 0
  return Math.max(width * height, drawn) * frames
}
