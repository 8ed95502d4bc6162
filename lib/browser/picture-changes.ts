/** One name for all tabs of this site; the browser keeps other sites out. */
const channelName = 'picture-changes'

/** Tells every tab of this site, this one included, that pictures were saved, deleted or made current. */
export function announcePictureChange(): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage('changed')
  channel.close()
}

/** Calls back whenever a tab announces a change. Returns what ends it. */
export function onPictureChange(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = () => callback()
  return () => channel.close()
}
