'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Announcement } from './editor-state'
import { type Editor, useLive } from './use-editor'

/** Announces to screen readers what a button or key changed. Of quick presses it announces the last one. */
export function Announcer({ editor }: { editor: Editor }) {
  const translate = useTranslations('crop.spoken')
  const format = useFormatter()
  const latest = useLive(editor, (state) => state.announcement)
  const [spoken, setSpoken] = useState({ id: 0, sentence: '' })

  const describe = useEffectEvent((content: Announcement): string => {
    const view = editor.store.read()?.now.view
    switch (content.kind) {
      case 'zoom':
        return translate('zoom', { zoom: format.number(view?.zoom ?? 1, { style: 'percent' }) })
      case 'straighten':
        return translate('straighten', {
          angle: format.number(view?.straighten ?? 0, { style: 'unit', unit: 'degree', unitDisplay: 'narrow' }),
        })
      case 'moved':
        return translate(`moved.${content.direction}`)
      case 'turned':
        return translate(`turned.${content.direction}`)
      case 'flipped':
        return translate(`flipped.${content.axis}`)
      default:
        return translate(content.kind)
    }
  })
  useEffect(() => {
    if (!latest) return
    const timer = setTimeout(() => setSpoken({ id: latest.id, sentence: describe(latest.content) }), 250)
    return () => clearTimeout(timer)
  }, [latest])

  return (
    <p role="status" className="sr-only">
      {/* A new element each time, so that the same sentence is announced again. */}
      <span key={spoken.id}>{spoken.sentence}</span>
    </p>
  )
}
