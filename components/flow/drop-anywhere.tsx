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
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const end = () => {
    clearTimeout(timer.current)
    setIsOver(false)
  }
  const endAfter = (ms: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(end, ms)
  }
  const onEvent = useEffectEvent((event: Event) => {
    if (event instanceof ClipboardEvent) {
      const files = Array.from(event.clipboardData?.files ?? [])
      if (files.length === 0 || isText(event) || isDialogOpen()) return
      event.preventDefault()
      return onFiles(files, collection)
    }
    if (!(event instanceof DragEvent) || event.type === 'dragstart' || event.type === 'dragend') {
      isOwnDrag.current = event.type === 'dragstart'
      return
    }
    const kinds = event.dataTransfer?.types ?? []
    const isPhoto = kinds.includes('Files') || kinds.includes('text/uri-list')
    if (isOwnDrag.current || !isPhoto) return
    // Without this, the browser leaves the page and opens the file.
    event.preventDefault()
    if (isDialogOpen()) return end()
    if (event.type === 'dragenter' || event.type === 'dragover') {
      setIsOver(true)
      endAfter(repeatMs)
    } else if (event.type === 'dragleave') {
      // Out of the window, or in old versions of Safari out of any element.
      if (event.relatedTarget === null) endAfter(leaveMs)
    } else {
      end()
      const files = Array.from(event.dataTransfer?.files ?? [])
      if (files.length > 0) onFiles(files, collection)
      else toast.error(translate('noFile'))
    }
  })

  useEffect(() => {
    const listener = (event: Event) => onEvent(event)
    for (const type of listened) document.addEventListener(type, listener)
    return () => {
      clearTimeout(timer.current)
      for (const type of listened) document.removeEventListener(type, listener)
    }
  }, [])

  return isOver && later && <later.DropOverlay collection={collection} />
}

// `pointermove`: no drag runs. The end of one is not sent if its element has disappeared.
const listened = ['dragstart', 'dragend', 'pointermove', 'dragenter', 'dragover', 'dragleave', 'drop', 'paste']

/** Browsers repeat `dragover` every 350 ms, ± 200 ms, while a drag is over the page (HTML, drag-and-drop processing). */
const repeatMs = 700
const leaveMs = 100

/** A modal dialog makes everything outside it inert: it would lock the editor that a file opens. */
const isDialogOpen = () => document.querySelector('dialog:modal') !== null

/** Whether text is pasted into a field. Word and Excel put a picture of the text beside it. */
function isText({ target, clipboardData }: ClipboardEvent): boolean {
  const isField = target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null
  return isField && (clipboardData?.types.includes('text/plain') ?? false)
}
