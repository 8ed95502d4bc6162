/** One name for all tabs of this site; the browser keeps other sites out. */
const channelName = 'picture-changes'

/** Tells this tab from others. */
const thisTab = Math.random()

/** Tells every other tab of this site that pictures were saved, deleted or made current. This one knows. */
export function announcePictureChange(): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(thisTab)
  channel.close()
}

/** Calls back whenever another tab announces a change. Returns what ends it. */
export function onPictureChange(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }) => {
    if (data !== thisTab) callback()
  }
  return () => channel.close()
}
