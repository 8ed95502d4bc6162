/** One name for all tabs of this site; the browser keeps other sites out. */
const channelName = 'picture-changes'

/** Tells this tab from others. */
const thisTab = Math.random()

/** A photo that has just become the current one, ready to be shown. */
export interface CurrentPhoto {
  url: string
  posterUrl?: string | undefined
}

const listeners = new Set<(photo: CurrentPhoto) => void>()

/** Whether the pages that the router keeps for Back and Forward may be from before a change of this tab's own. */
let mayKeptPagesBeOld = false

/**
 * Announces that photos were saved, deleted or made current: every other tab of this site reads its page again.
 * @param current shown in this tab's header at once, without another render on the server
 */
export function announcePhotoChange(current?: CurrentPhoto): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(thisTab)
  channel.close()
  mayKeptPagesBeOld = true
  if (current) for (const listener of listeners) listener(current)
}

/** Calls back whenever another tab announces a change. Returns what ends it. */
export function onPhotoChange(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }) => {
    if (data !== thisTab) callback()
  }
  return () => channel.close()
}

/** Calls back whenever this tab announces the current photo. Returns what ends it. */
export function onCurrentPhoto(callback: (photo: CurrentPhoto) => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}

/** Whether what Back and Forward restore may be from before a change that this tab announced. */
export function hasOldPages(): boolean {
  return mayKeptPagesBeOld
}

/** Notes that a refresh begins: the router drops every page it keeps. */
export function forgetOldPages(): void {
  mayKeptPagesBeOld = false
}
