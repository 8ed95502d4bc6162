'use client'

import Image from 'next/image'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { ReducedMotionImage } from './reduced-motion-image'

interface AvatarProps {
  picture: { url: string; posterUrl?: string | undefined; alt: string } | null
  /** Whose it is: the initials come from it. */
  name: string
  /** Side in CSS pixels; the space is reserved whatever is shown. */
  size: number
}

/** A person's round picture, or their initials where there is none or it cannot be loaded. */
export function Avatar({ picture, name, size }: AvatarProps) {
  const translate = useTranslations('common.account')
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null)
  const shown = picture && picture.url !== brokenUrl ? picture : null
  const initials = initialsOf(name)

  return (
    <span
      className="inline-flex shrink-0 select-none items-center justify-center overflow-hidden rounded-full bg-accent-soft font-semibold text-accent ring-1 ring-line forced-colors:border"
      style={{ width: size, height: size, fontSize: size * 0.4 }}
    >
      {shown ? (
        <ReducedMotionImage poster={shown.posterUrl}>
          <Image
            src={shown.url}
            alt={shown.alt || translate('picture')}
            width={size}
            height={size}
            className="size-full object-cover"
            onError={() => setBrokenUrl(shown.url)}
          />
        </ReducedMotionImage>
      ) : (
        <span role="img" aria-label={translate('initials', { initials })}>
          {initials}
        </span>
      )}
    </span>
  )
}

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = Array.from(words[0] ?? '')[0] ?? ''
  const last = words.length > 1 ? (Array.from(words.at(-1) ?? '')[0] ?? '') : ''
  return (first + last).toUpperCase()
}
