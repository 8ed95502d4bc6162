'use client'

import { usePathname } from 'next/navigation'
import { useEffect, useEffectEvent, useRef } from 'react'
import { useShownCollection } from '@/components/use-shown-collection'
import { isEditorPath } from './photo-flow-provider'

/** Runs a function after each change of the page or its collection. */
export function usePlaceChange(onChange: (wasEditor: boolean, isEditor: boolean) => void): void {
  const path = usePathname()
  const place = `${path} ${useShownCollection().name}`
  const last = useRef(place)
  const run = useEffectEvent(onChange)
  useEffect(() => {
    if (last.current !== place) run(isEditorPath(last.current), isEditorPath(path))
    last.current = place
  }, [place, path])
}
