'use client'

import { Images, LogOut } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type ReactNode, useId, useRef, useState } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import { useLaterCode, useLaterCodeOnPress } from '@/components/later/load-later-code'
import { useShownCollection } from '@/components/use-shown-collection'
import { menuItemLook } from './menu-item'

interface AccountMenuProps {
  name: string
  email: string | undefined
  /** Guests have no account: signing out loses their photos. */
  isGuest: boolean
  canSignOut: boolean
  avatar: ReactNode
  /** The link to the account page: from the server, so that browsers load less code. */
  accountLink: ReactNode
  /** Choices that apply to all pages, such as the theme. */
  settings: ReactNode
}

/**
 * The person's photo as a button that opens the account menu: a popover of the browser, which closes on Escape and on a
 * press outside, and works before scripts run.
 */
export function AccountMenu({ name, email, isGuest, canSignOut, avatar, accountLink, settings }: AccountMenuProps) {
  const translate = useTranslations('common.account')
  const collection = useShownCollection()
  const word = useCollectionWords(collection)
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const menu = useRef<HTMLDivElement>(null)
  const [isForgetting, setIsForgetting] = useState(false)
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()

  async function leave() {
    menu.current?.hidePopover()
    const loaded = await loadLater()
    if (isGuest) setIsForgetting(loaded !== null)
    else loaded?.signOut(translate('signOutFailed'))
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        className="inline-flex size-10 shrink-0 items-center justify-center rounded-full transition-[scale] duration-150 hover:scale-105 pointer-coarse:size-11"
      >
        {avatar}
        <span className="sr-only">{translate('menu')}</span>
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only closes the menu after a link was pressed */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard presses links too */}
      <div
        ref={menu}
        id={id}
        popover="auto"
        // The layout stays through a navigation, and the menu with it.
        onClick={({ target }) => (target as Element).closest('a') && menu.current?.hidePopover()}
        className="absolute inset-auto end-4 top-15 m-0 max-h-[calc(100dvh-5rem)] w-76 max-w-[calc(100vw-2rem)] overflow-y-auto overscroll-contain rounded-3xl border border-line bg-surface p-2 text-ink shadow-2xl transition-[opacity,translate] duration-150 ease-out sm:end-[max(1.5rem,calc((100%-64rem)/2+1.5rem))] starting:-translate-y-1 starting:opacity-0"
      >
        <div className="px-3 pt-2 pb-3">
          <p className="truncate font-semibold">
            <bdi>{name}</bdi>
          </p>
          <p className="mt-0.5 wrap-anywhere text-muted text-sm">
            {isGuest ? translate('guestNote') : <bdi>{email}</bdi>}
          </p>
        </div>
        <Link href={pagePath('gallery', collection)} className={menuItemLook}>
          <Images aria-hidden />
          <span>{word('gallery.title')}</span>
        </Link>
        {accountLink}
        <div className="space-y-3 px-3 py-3">{settings}</div>
        {canSignOut && (
          <button type="button" className={`${menuItemLook} w-full ${isGuest ? 'text-danger' : ''}`} onClick={leave}>
            <LogOut aria-hidden className="rtl:-scale-x-100" />
            <span>{translate(isGuest ? 'forget' : 'signOut')}</span>
          </button>
        )}
      </div>
      {isForgetting && later && (
        <later.ForgetDialog onClose={() => setIsForgetting(false)} onCloseAutoFocus={() => button.current?.focus()} />
      )}
    </>
  )
}
