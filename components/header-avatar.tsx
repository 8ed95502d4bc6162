'use client'

import { type ComponentProps, useEffect, useSyncExternalStore } from 'react'
import { onOwnPhoto, ownPhoto, setOwnPhoto } from '@/lib/browser/own-photo'
import { Avatar } from './avatar'

interface HeaderAvatarProps extends ComponentProps<typeof Avatar> {
  /** When the server rendered it, in milliseconds. */
  renderedAt: number
}

/**
 * The current photo in the header. A photo that was saved in this tab appears at once: going to the gallery keeps the
 * layout, and so the header, and rendering it again would cost the gallery a second time.
 */
export function HeaderAvatar({ picture, renderedAt, ...props }: HeaderAvatarProps) {
  const saved = useSyncExternalStore(onOwnPhoto, ownPhoto, () => null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the server has rendered the header again, and knows better
  useEffect(() => setOwnPhoto(null), [renderedAt])
  return <Avatar picture={saved ? { ...saved, alt: picture?.alt ?? '' } : picture} {...props} />
}
