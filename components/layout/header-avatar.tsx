'use client'

import { type ComponentProps, useEffect, useState } from 'react'
import { Avatar } from '@/components/ui/avatar'
import { type CurrentPhoto, onCurrentPhoto } from '@/lib/browser/photo-changes'

interface HeaderAvatarProps extends Omit<ComponentProps<typeof Avatar>, 'picture'> {
  /** The photo as the server has rendered it. Another object each time that it renders the header. */
  rendered: Pick<ComponentProps<typeof Avatar>, 'picture'>
}

/**
 * The current photo in the header. A photo saved in this tab appears at once and stays until the server renders the
 * header again: the way to the gallery keeps the header, and refreshing the page would render the gallery twice.
 */
export function HeaderAvatar({ rendered, ...props }: HeaderAvatarProps) {
  const { picture } = rendered
  const [saved, setSaved] = useState<{ photo: CurrentPhoto; over: object } | null>(null)
  useEffect(() => onCurrentPhoto((photo) => setSaved({ photo, over: rendered })), [rendered])
  const shown = saved?.over === rendered ? { ...saved.photo, alt: picture?.alt ?? '' } : picture
  return <Avatar picture={shown} {...props} />
}
