import { useFormatter, useTimeZone } from 'next-intl'
import { useSyncExternalStore } from 'react'

const neverChanges = () => () => undefined

const zoneOfThisDevice = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * How the gallery writes the moment a picture was saved (ISO 8601); it is the picture's name, too.
 * The server cannot know the person's time zone: until the page has come alive, it is the site's.
 */
export function usePictureDate(): (savedAt: string) => string {
  const format = useFormatter()
  const siteZone = useTimeZone() ?? 'UTC'
  const timeZone = useSyncExternalStore(neverChanges, zoneOfThisDevice, () => siteZone)
  // 24 hours: the space before AM and PM differs between the servers' and browsers' locale data, and would not hydrate.
  return (savedAt) =>
    format.dateTime(new Date(savedAt), { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone })
}
