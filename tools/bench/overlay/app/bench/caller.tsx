'use client'

interface CallerProps {
  trivial: () => Promise<null>
  startUpload: (input: { collection: string; contentType: string; size: number }) => Promise<unknown>
}

/** Calls both actions, as Next removes actions that nothing calls. */
export function Caller({ trivial, startUpload }: CallerProps) {
  return (
    <>
      <button type="button" onClick={() => trivial()}>
        Nothing
      </button>
      <button
        type="button"
        onClick={() => startUpload({ collection: 'avatars', contentType: 'image/jpeg', size: 5_000_000 })}
      >
        Issue
      </button>
    </>
  )
}
