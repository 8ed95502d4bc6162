import type { ReactNode } from 'react'

interface StillWhereWantedProps {
  /** Addresses of stills, as in `srcset`; undefined where the picture does not move. */
  poster: string | undefined
  sizes?: string
  /** The picture itself. */
  children: ReactNode
}

/** Shows the still instead of a picture that moves to those who have asked their system for less motion. */
export function ReducedMotionImage({ poster, sizes, children }: StillWhereWantedProps) {
  if (poster === undefined) return children
  return (
    <picture className="contents">
      <source media="(prefers-reduced-motion: reduce)" srcSet={poster} sizes={sizes} />
      {children}
    </picture>
  )
}
