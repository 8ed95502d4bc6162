import type { ReactNode } from 'react'

interface ReducedMotionImageProps {
  /** The `srcset` of still images, or undefined if the image is not animated. */
  poster: string | undefined
  sizes?: string
  /** The <img> element. */
  children: ReactNode
}

/** Shows a still instead of an animated image if the system prefers reduced motion. */
export function ReducedMotionImage({ poster, sizes, children }: ReducedMotionImageProps) {
  if (poster === undefined) return children
  return (
    <picture className="contents">
      <source media="(prefers-reduced-motion: reduce)" srcSet={poster} sizes={sizes} />
      {children}
    </picture>
  )
}
