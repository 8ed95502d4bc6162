'use client'

import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { type CurrentPhoto, onCurrentPhoto } from '@/lib/browser/photo-changes'
import { useRefresh } from './use-page-lock'

interface AvatarProps {
  photo: CurrentPhoto | null
  /** The person's name, for the initials. */
  name: string
  /** Side in CSS pixels. The space is reserved before the photo loads. */
  size: number
}

/** A person's round profile photo. Shows their initials if there is no photo or it fails to load. */
export function Avatar({ photo, name, size }: AvatarProps) {
  const translate = useTranslations('common.account')
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null)
  const initials = initialsOf(name)
  // Nothing here pauses a moving photo (WCAG 2.2.2), so it shows its first frame.
  const url = photo?.posterUrl ?? photo?.url

  return (
    <span
      className="inline-flex shrink-0 select-none items-center justify-center overflow-hidden rounded-full bg-accent-soft font-semibold text-accent ring-1 ring-line forced-colors:border"
      style={{ width: size, height: size, fontSize: size * 0.4 }}
    >
      {url && url !== brokenUrl ? (
        // biome-ignore lint/performance/noImgElement: the variants exist already in the store
        <img
          src={url}
          alt={translate('photo')}
          width={size}
          height={size}
          // An image that failed before hydration fires no event.
          ref={(image) => {
            if (image?.complete && image.naturalWidth === 0) setBrokenUrl(url)
          }}
          className="size-full object-cover"
          onError={() => setBrokenUrl(url)}
        />
      ) : (
        <span role="img" aria-label={translate('initials', { initials })}>
          {initials}
        </span>
      )}
    </span>
  )
}

interface HeaderAvatarProps extends Omit<AvatarProps, 'photo'> {
  /** The photo that the server rendered. A new object each time the server renders the header. */
  rendered: Pick<AvatarProps, 'photo'>
}

/**
 * The avatar in the header. A photo saved in this tab appears at once and stays until the server renders the header
 * again. Navigating to the gallery keeps the header, and a refresh would render the gallery twice.
 */
export function HeaderAvatar({ rendered, ...props }: HeaderAvatarProps) {
  const [saved, setSaved] = useState<{ photo: CurrentPhoto; replaces: object } | null>(null)
  useEffect(() => onCurrentPhoto((photo) => setSaved({ photo, replaces: rendered })), [rendered])
  return <Avatar photo={saved?.replaces === rendered ? saved.photo : rendered.photo} {...props} />
}

/**
 * The initials in the header of a page that shows no photo. Navigation keeps the header, so this renders it again on the
 * next page.
 */
export function InitialsUntilLeft(props: Omit<AvatarProps, 'photo'>) {
  const path = usePathname()
  const [first] = useState(path)
  const refresh = useRefresh()
  useEffect(() => {
    if (path !== first) refresh()
  }, [path, first, refresh])
  return <Avatar photo={null} {...props} />
}

/** Returns the first letters of the first and last word, in upper case. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = Array.from(words[0] ?? '')[0] ?? ''
  const last = words.length > 1 ? (Array.from(words.at(-1) ?? '')[0] ?? '') : ''
  return (first + last).toUpperCase()
}
