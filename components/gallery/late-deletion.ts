import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { goneAfter } from './selection'

export interface LateDeletions {
  /** The image whose deletion can still be undone. */
  waiting: string | null
  /** Images that the gallery does not show: deleted, or about to be. The pages that it has read still list them. */
  hidden: ReadonlySet<string>
  /** The last deletion that failed. Its image is visible again. */
  failed: { imageId: string; failure: Failure } | null
}

type Send = (imageId: string) => Promise<{ ok: true } | Failure>

/** How long a deletion can be undone. */
export const undoMs = 10_000

export const nothingDeleted: LateDeletions = { waiting: null, hidden: new Set(), failed: null }

/**
 * Deletes an image after a wait, in which the deletion can be undone. Sends it at once if another image is deleted, or
 * the page is left or hidden. A page that is left never reads the answer, so the tab's storage keeps each id until its
 * answer, and `resume` sends it again.
 * @param send deletes an image, also one that is deleted already
 */
export function createLateDeletion(send: Send) {
  let state = nothingDeleted
  let waiting: { imageId: string; onDeleted: () => void; timer: ReturnType<typeof setTimeout> } | null = null
  const listeners = new Set<() => void>()

  function change(changes: Partial<LateDeletions>) {
    state = { ...state, ...changes }
    for (const listener of listeners) listener()
  }

  function hide(imageIds: readonly string[]) {
    change({ hidden: new Set([...state.hidden, ...imageIds]) })
  }

  function stopWaiting() {
    const stopped = waiting
    clearTimeout(stopped?.timer)
    waiting = null
    change({ waiting: null })
    return stopped
  }

  async function deleteNow(imageId: string, onDeleted: () => void) {
    const result = await send(imageId)
    storeUnanswered(readUnanswered().filter((id) => id !== imageId))
    if (result.ok) return onDeleted()
    change({ hidden: without(state.hidden, imageId), failed: { imageId, failure: result } })
  }

  function sendNow() {
    const stopped = stopWaiting()
    if (stopped) void deleteNow(stopped.imageId, stopped.onDeleted)
  }

  function sendIfHidden() {
    if (document.visibilityState === 'hidden') sendNow()
  }

  return {
    /** Hides the image and begins the wait. */
    start(imageId: string, onDeleted: () => void) {
      sendNow()
      // Both stay: without a deletion that waits, they do nothing.
      window.addEventListener('pagehide', sendNow)
      document.addEventListener('visibilitychange', sendIfHidden)
      waiting = { imageId, onDeleted, timer: setTimeout(sendNow, undoMs) }
      storeUnanswered([...readUnanswered().filter((id) => id !== imageId), imageId])
      hide([imageId])
      change({ waiting: imageId, failed: null })
    },

    /** Ends the wait and shows the image again. */
    undo() {
      const stopped = stopWaiting()
      if (!stopped) return
      storeUnanswered(readUnanswered().filter((id) => id !== stopped.imageId))
      change({ hidden: without(state.hidden, stopped.imageId) })
    },

    /** Ends the wait and deletes the image. */
    sendNow,

    /** Hides images that are deleted already. */
    hide,

    /** Sends the deletions again that this tab has no answer for. */
    resume(onDeleted: () => void) {
      for (const imageId of readUnanswered()) {
        if (state.hidden.has(imageId)) continue
        hide([imageId])
        void deleteNow(imageId, onDeleted)
      }
    },

    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    read: () => state,
  }
}

/** The deletions of this tab. They outlive the gallery's component. */
export const lateDeletion = createLateDeletion(async (imageId) => {
  const result = await attemptWithRetries(() => api.deleteImages({ imageIds: [imageId] }))
  if (!result.ok || goneAfter(result.value).length > 0) return result
  return { ok: false, code: 'internal' }
})

const storageKey = 'unanswered-deletions'

function readUnanswered(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
  } catch {
    // The browser blocks storage.
    return []
  }
}

function storeUnanswered(imageIds: string[]): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(imageIds))
  } catch {
    // The browser blocks storage.
  }
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...ids].filter((each) => each !== id))
}
