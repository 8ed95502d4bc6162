'use client'

import { useEffect, useRef, useState } from 'react'
import { pagePath } from '@/components/collection'
import type { Collection } from '@/lib/images/collections'

/** The accepted photo: a local file and its object URL. */
interface LocalPhoto {
  file: File
  url: string
  collection: Collection
  /** Back leads out of the editor. */
  isPushed: boolean
  /** The person is on another page. */
  isLeft: boolean
  /** Saved, or given up: nothing is left to do with it. */
  isDone: boolean
}

/** Keeps the photo of the editor, also while the person is on other pages. The editor opens on it at `/crop`. */
export function useLocalPhoto() {
  const [photo, setPhoto] = useState<LocalPhoto | null>(null)
  /** The query of the editor's address with the edits so far. */
  const edits = useRef('')
  const url = photo?.url
  useEffect(() => (url ? () => URL.revokeObjectURL(url) : undefined), [url])

  return {
    photo,

    open(file: File, collection: Collection) {
      // The check and the question took time, so the address may have changed since the last render.
      const isAtFirstAddress = window.location.pathname === '/crop'
      // Also removes the crop of the photo before, and stops the navigation to that photo's own address.
      const address = pagePath('crop', collection)
      if (isAtFirstAddress) window.history.replaceState(null, '', address)
      else window.history.pushState(null, '', address)
      const url = URL.createObjectURL(file)
      edits.current = ''
      const isPushed = !isAtFirstAddress || photo?.isPushed === true
      setPhoto({ file, url, collection, isPushed, isLeft: false, isDone: false })
    },

    /** Remembers the edits. Back may leave the editor before they are in its address. */
    edit(search: string) {
      edits.current = search
    },

    /** Opens the editor again, with its edits. */
    reopen() {
      if (!photo) return
      const address = new URL(pagePath('crop', photo.collection), window.location.href)
      for (const [name, value] of new URLSearchParams(edits.current)) address.searchParams.set(name, value)
      window.history.pushState(null, '', address)
      setPhoto({ ...photo, isPushed: true, isLeft: false })
    },

    leave: () => setPhoto((now) => now && { ...now, isLeft: true }),

    /** @param url that of the photo: another one may have replaced it since */
    finish: (url: string) => setPhoto((now) => (now?.url === url ? { ...now, isDone: true } : now)),

    forget: () => setPhoto(null),
  }
}
