let holds = 0
const waiting = new Set<() => void>()

/**
 * Says that this page holds something that stands nowhere else: a chosen file, a selection, words half typed. What
 * `whenUnlocked` was given waits until all holds have ended. Returns what ends this one.
 */
export function lockPage(): () => void {
  holds += 1
  return () => {
    holds -= 1
    if (holds > 0) return
    const due = [...waiting]
    waiting.clear()
    for (const work of due) work()
  }
}

/** Runs the work now, or once nothing is held any more; the same work that waits already waits once. */
export function whenUnlocked(work: () => void): void {
  if (holds === 0) work()
  else waiting.add(work)
}
