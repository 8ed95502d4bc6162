'use client'

import { type ComponentProps, useEffect, useState } from 'react'
import { type CurrentPhoto, onCurrentPhoto } from '@/lib/browser/picture-changes'
import { Avatar } from './avatar'

interface HeaderAvatarProps extends ComponentProps<typeof Avatar> {
  /** When the server rendered it, in milliseconds. */
  renderedAt: number
}

/**
 * The current photo in the header. A photo saved in this tab appears at once and stays until the server renders the
 * header again: the way to the gallery keeps the header, and refreshing the page would render the gallery twice.
 */
export function HeaderAvatar({ picture, renderedAt, ...props }: HeaderAvatarProps) {
  const [saved, setSaved] = useState<{ photo: CurrentPhoto; over: number } | null>(null)
  useEffect(() => onCurrentPhoto((photo) => setSaved({ photo, over: renderedAt })), [renderedAt])
  const shown = saved?.over === renderedAt ? { ...saved.photo, alt: picture?.alt ?? '' } : picture
  return <Avatar picture={shown} {...props} />
}
