'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useLaterCode } from '@/components/later/load-later-code'
import { toast } from '@/components/ui/toast'
import { useShownCollection } from '@/components/use-shown-collection'
import type { Collection } from '@/lib/images/collections'

interface DropAnywhereProps {
  onFiles: (files: readonly File[], collection: Collection) => void
}

/** Takes files that are dropped or pasted anywhere on a page, and shows where they go while they are dragged. */
export function DropAnywhere({ onFiles }: DropAnywhereProps) {
  const translate = useTranslations('upload.drop')
  const collection = useShownCollection()
  // The first drag loads it.
  const later = useLaterCode()
  const [isOver, setIsOver] = useState(false)
  /** A drag that began on this page, such as a photo of the gallery, is not a new photo. */
  const isOwnDrag = useRef(false)
  /** Each element sends an enter and a leave. */
  const depth = useRef(0)

  const end = () => {
    depth.current = 0
    setIsOver(false)
  }
  const onEvent = useEffectEvent((event: DragEvent | ClipboardEvent) => {
    if (event instanceof ClipboardEvent) {
      const files = Array.from(event.clipboardData?.files ?? [])
      if (files.length === 0 || isText(event) || isDialogOpen()) return
      event.preventDefault()
      return onFiles(files, collection)
    }
    if (event.type === 'dragstart' || event.type === 'dragend') {
      isOwnDrag.current = event.type === 'dragstart'
      return
    }
    const kinds = event.dataTransfer?.types ?? []
    const isPhoto = kinds.includes('Files') || kinds.includes('text/uri-list')
    if (isOwnDrag.current || !isPhoto) return
    // Without this, the browser leaves the page and opens the file.
    event.preventDefault()
    if (isDialogOpen()) return end()
    if (event.type === 'dragenter') {
      depth.current += 1
      setIsOver(true)
    } else if (event.type === 'dragleave') {
      depth.current -= 1
      if (depth.current <= 0) end()
    } else if (event.type === 'drop') {
      end()
      const files = Array.from(event.dataTransfer?.files ?? [])
      if (files.length > 0) onFiles(files, collection)
      else toast.error(translate('noFile'))
    }
  })

  useEffect(() => {
    const listener = (event: DragEvent | ClipboardEvent) => onEvent(event)
    for (const type of listened) document.addEventListener(type, listener)
    return () => {
      for (const type of listened) document.removeEventListener(type, listener)
    }
  }, [])

  return isOver && later && <later.DropOverlay collection={collection} />
}

const listened = ['dragstart', 'dragend', 'dragenter', 'dragover', 'dragleave', 'drop', 'paste'] as const

/** A modal dialog makes everything outside it inert: it would lock the editor that a file opens. */
const isDialogOpen = () => document.querySelector('dialog:modal') !== null

/** Whether text is pasted into a field. Word and Excel put a picture of the text beside it. */
function isText({ target, clipboardData }: ClipboardEvent): boolean {
  const isField = target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null
  return isField && (clipboardData?.types.includes('text/plain') ?? false)
}
