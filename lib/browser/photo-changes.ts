/** Channel of all tabs of this site. Other origins cannot read it. */
const channelName = 'photo-changes'

/** Random id of this tab. */
const thisTab = Math.random()

/** The photo that just became current. */
export interface CurrentPhoto {
  url: string
  posterUrl?: string | undefined
}

const listeners = new Set<(photo: CurrentPhoto) => void>()

/** Whether the router may keep pages for Back and Forward from before a change by this tab. */
let mayCacheBeOld = false

/**
 * Announces that photos were saved, deleted or made current. Every other tab of this site refreshes its page.
 * @param current this tab's header shows it at once, without a render on the server
 */
export function announcePhotoChange(current?: CurrentPhoto): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(thisTab)
  channel.close()
  mayCacheBeOld = true
  if (current) for (const listener of listeners) listener(current)
}

/** Calls back when another tab announces a change. @returns stops it */
export function onPhotoChange(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }) => {
    if (data !== thisTab) callback()
  }
  return () => channel.close()
}

/** Calls back when this tab announces the current photo. @returns stops it */
export function onCurrentPhoto(callback: (photo: CurrentPhoto) => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}

/** Whether Back and Forward may restore pages from before a change that this tab announced. */
export function hasOldPages(): boolean {
  return mayCacheBeOld
}

/** Call when a refresh begins: the router then drops all pages it keeps. */
export function forgetOldPages(): void {
  mayCacheBeOld = false
}
