import { type ReactNode, useState } from 'react'

/** Returns a function that tells screen readers what has changed, and the element that does it. */
export function useAnnouncer(): [announce: (sentence: string) => void, announcer: ReactNode] {
  const [said, setSaid] = useState({ sentence: '', count: 0 })
  return [
    (sentence) => setSaid(({ count }) => ({ sentence, count: count + 1 })),
    // An explicit aria-live keeps announcing while a dialog hides the rest of the page.
    <p key="announcer" role="status" aria-live="polite" className="sr-only">
      <span key={said.count}>{said.sentence}</span>
    </p>,
  ]
}
