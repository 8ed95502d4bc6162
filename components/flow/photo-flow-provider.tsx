'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useEarlyLoad, useLaterCode, useLaterCodeOnPress } from '@/components/later/load-later-code'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage, SaveRequest, StartUpload, UploadTicket } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { DropAnywhere } from './drop-anywhere'
import { FlowContext, type PhotoFlow, type StoredUpload } from './flow-context'

/** The upload limits of a collection on this site. */
export interface UploadLimits {
  maxBytes: number
  maxPixels: number
}

export interface FlowActions {
  startUpload: (input: StartUpload) => Promise<Result<UploadTicket>>
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
}

/** Files that a person chose, and the collection they are for. */
export interface Choice {
  files: readonly File[]
  collection: Collection
}

/** What the running flow reports. */
export interface FlowStatus {
  isChecking: boolean
  /** The editor covers the page. */
  isEditing: boolean
  localUploadId: string | null
}

interface PhotoFlowProviderProps extends FlowActions {
  /** By the collection's name. */
  limits: Record<string, UploadLimits>
  hasSession: boolean
  children: ReactNode
}

const idle: FlowStatus = { isChecking: false, isEditing: false, localUploadId: null }

/**
 * Runs the photo flow for every page: a chosen, dropped or pasted file opens the editor over the page at once, while
 * its upload runs. Rendered once, in the layout, so that the editor outlives navigation.
 */
export function PhotoFlowProvider({ limits, hasSession, children, ...actions }: PhotoFlowProviderProps) {
  const path = usePathname()
  const search = useSearchParams().toString()
  const [choice, setChoice] = useState<Choice | null>(null)
  const [status, setStatus] = useState(idle)
  const [isLoading, setIsLoading] = useState(false)
  const adopter = useRef<(upload: StoredUpload) => void>(null)
  const lastPath = useRef('/')
  useEffect(() => {
    if (!isEditorPath(path)) lastPath.current = search ? `${path}?${search}` : path
  }, [path, search])

  useEarlyLoad()
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()
  const choose = useCallback(
    async (files: readonly File[], collection: Collection) => {
      setIsLoading(true)
      if (await loadLater()) setChoice({ files, collection })
      setIsLoading(false)
    },
    [loadLater],
  )
  const { localUploadId } = status
  const isChecking = isLoading || status.isChecking
  const flow = useMemo<PhotoFlow>(
    () => ({
      choose,
      isChecking,
      localUploadId,
      adopt: (upload) => adopter.current?.(upload),
      lastPath: () => lastPath.current,
    }),
    [choose, isChecking, localUploadId],
  )

  return (
    <FlowContext value={flow}>
      <DropAnywhere onFiles={choose} />
      {choice && later && (
        <later.RunningFlow
          choice={choice}
          limits={limits}
          hasSession={hasSession}
          adopter={adopter}
          onStatus={setStatus}
          {...actions}
        />
      )}
      <div className={status.isEditing ? 'hidden' : 'contents'}>{children}</div>
    </FlowContext>
  )
}

/** Whether the editor lives at this path. */
export const isEditorPath = (path: string) => /^\/crop\b/.test(path)
