import { useFormatter, useTimeZone, useTranslations } from 'next-intl'
import { useSyncExternalStore } from 'react'
import type { SavedImage } from '@/lib/images/schema'
import { namePhotos } from './photo-names'

const neverChanges = () => () => undefined

const deviceTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * Returns the name of each photo, by imageId. Dates are in the device's time zone; the server does not know it and
 * renders the site's.
 */
export function usePhotoNames(images: readonly SavedImage[]): ReadonlyMap<string, string> {
  const translate = useTranslations('gallery')
  const format = useFormatter()
  const siteTimeZone = useTimeZone() ?? 'UTC'
  const timeZone = useSyncExternalStore(neverChanges, deviceTimeZone, () => siteTimeZone)
  // 24 hours: servers and browsers differ in the space before AM and PM, which would break hydration.
  const look = { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone } as const
  return namePhotos(
    images,
    (savedAt) => translate('photo', { date: format.dateTime(new Date(savedAt), look) }),
    (name, number) => translate('numbered', { name, number }),
  )
}
