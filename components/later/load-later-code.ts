'use client'

import { useTranslations } from 'next-intl'
import { use, useCallback, useEffect, useSyncExternalStore } from 'react'
import { toast } from '@/components/ui/toast'

export type LaterCode = typeof import('./later-code')

/** When the page is loaded and nothing has happened yet, in milliseconds. */
const loadAfterMs = 3_000
const firstSigns = ['pointermove', 'pointerdown', 'touchstart', 'keydown', 'focusin', 'dragenter'] as const

let code: LaterCode | null = null
let loading: Promise<LaterCode> | null = null
const listeners = new Set<() => void>()

/** Loads the later code once. @throws ChunkLoadError if it cannot be loaded */
export function loadLaterCode(): Promise<LaterCode> {
  loading ??= import('./later-code').then((loaded) => {
    code = loaded
    for (const listener of listeners) listener()
    return loaded
  })
  return loading
}

/**
 * Loads the later code when a person moves or presses anything, or after a few seconds. Later, the network may be gone,
 * or the hosts of this build.
 */
export function useEarlyLoad(): void {
  useEffect(() => {
    const load = () => void loadLaterCode().catch(forgetFailure)
    const timer = setTimeout(load, loadAfterMs)
    for (const type of firstSigns) window.addEventListener(type, load, { once: true, passive: true })
    return () => {
      clearTimeout(timer)
      for (const type of firstSigns) window.removeEventListener(type, load)
    }
  }, [])
}

/** Returns the later code, or null until it has loaded. */
export function useLaterCode(): LaterCode | null {
  return useSyncExternalStore(subscribe, () => code, notLoaded)
}

/** Returns the later code for a first view that needs it after all: suspends until it has loaded. */
export function useLaterCodeNow(): LaterCode {
  return code ?? use(loadLaterCode())
}

/** Returns a function that loads the later code; if that fails, it says so and returns null. */
export function useLaterCodeOnPress(): () => Promise<LaterCode | null> {
  const translate = useTranslations('site')
  return useCallback(async () => {
    try {
      return await loadLaterCode()
    } catch {
      forgetFailure()
      toast.error(translate('incomplete'), {
        action: { label: translate('reload'), onClick: () => window.location.reload() },
      })
      return null
    }
  }, [translate])
}

/** Lets the next press load the code again: the network may be back. */
function forgetFailure(): void {
  loading = null
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const notLoaded = () => null
