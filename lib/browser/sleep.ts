/** Waits so many seconds; rejects with the signal's reason as soon as it is aborted. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel)
      resolve()
    }, seconds * 1000)
    signal.addEventListener('abort', cancel, { once: true })
  })
}
