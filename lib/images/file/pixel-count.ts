interface Picture {
  /** Size of one frame, in pixels. */
  width: number
  height: number
  /** 1 for a still picture. */
  frames: number
}

/**
 * Returns how many pixels count towards the limit (security S16): those of every frame of an animation, at its own size
 * or at the size of the largest variant, whichever is larger. They count twice, since they cost several times as much as
 * those of a photo (security S18). The page and the hosts use the same count.
 */
export function countPixels(
  { width, height, frames }: Picture,
  largestVariant?: { width: number; height: number },
): number {
  if (frames === 1) return width * height
  const drawn = largestVariant ? largestVariant.width * largestVariant.height : 0
  return 2 * Math.max(width * height, drawn) * frames
}
