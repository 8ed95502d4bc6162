'use client'

import { useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { callAction } from '@/components/call-action'
import { FailureNotice } from '@/components/failure-notice'
import { SignInAgain } from '@/components/sign-in-again'
import { Button } from '@/components/ui/button'
import { useCollectionWords } from '@/components/use-collection-words'
import { useHeldPage, useRefresh } from '@/components/use-held-page'
import type { Failure } from '@/lib/browser/attempt'
import { announcePictureChange } from '@/lib/browser/picture-changes'
import { routes } from '@/lib/browser/routes'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage } from '@/lib/images/schema'
import { DeleteDialog } from './delete-dialog'
import type { GalleryActions } from './gallery-actions'
import { cardId, GalleryCard } from './gallery-card'
import { GalleryEmpty } from './gallery-empty'
import { gridLook } from './gallery-grid'
import { GalleryHeader, headingId } from './gallery-header'
import { appendPage, withAddresses, withAlt, withCurrent, withoutImages } from './loaded-pictures'
import { neighbourOf, toggled } from './selection'
import { SelectionBar } from './selection-bar'
import { useLoadedPictures } from './use-loaded-pictures'
import { useRenewal } from './use-renewal'

interface GalleryProps extends GalleryActions {
  collection: Collection
  /** The newest pictures, as the server just read them. */
  first: GalleryPage
}

type Answer = Awaited<ReturnType<GalleryActions['listImages']>> | Failure

const noIds: ReadonlySet<string> = new Set()

/** All saved pictures of a collection, newest first, and what can be done with them. */
export function Gallery({ collection, first, listImages, deleteImages, ...cardActions }: GalleryProps) {
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const refresh = useRefresh()
  const { loaded, setLoaded, areKept } = useLoadedPictures(collection, first)
  useRenewal(areKept, renewAddresses)
  const [loading, setLoading] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [selecting, setSelecting] = useState(false)
  const [selected, setSelected] = useState(noIds)
  const [asked, setAsked] = useState(noIds)
  const [said, setSaid] = useState({ sentence: '', count: 0 })
  const focusAfterDialog = useRef<string | null>(null)
  useHeldPage(selecting || asked.size > 0)
  const { images, nextCursor } = loaded
  const chosen = images.filter((image) => selected.has(image.imageId))

  function announce(sentence: string) {
    setSaid(({ count }) => ({ sentence, count: count + 1 }))
  }

  async function renewAddresses(): Promise<boolean> {
    let cursor: string | null = null
    let read = 0
    do {
      const answer: Answer = await callAction(listImages, routes.listImages, { collection: collection.name, cursor })
      if (!answer.ok) return false
      setLoaded((now) => withAddresses(now, answer.value.images))
      read += answer.value.images.length
      cursor = answer.value.nextCursor
    } while (cursor && read < images.length)
    return true
  }

  async function loadMore(cursor: string) {
    setLoading(true)
    const answer = await callAction(listImages, routes.listImages, { collection: collection.name, cursor })
    setLoading(false)
    if (!answer.ok) return setFailure(answer)
    const added = withoutImages(
      answer.value,
      images.map(({ imageId }) => imageId),
    ).images
    // The new cards must stand before one of them can take the focus.
    flushSync(() => {
      setFailure(null)
      setLoaded((now) => appendPage(now, answer.value))
    })
    const target = added[0] ?? images.at(-1)
    document.getElementById(target ? cardId(target.imageId) : headingId)?.focus()
    announce(translate('loaded', { added: added.length, all: images.length + added.length }))
  }

  function showCurrent(imageId: string | null) {
    setLoaded((now) => withCurrent(now, imageId))
    announce(word(imageId ? 'gallery.currentSet' : 'gallery.currentRemoved'))
    announcePictureChange()
    refresh()
  }

  function showDescription(imageId: string, alt: string) {
    setLoaded((now) => withAlt(now, imageId, alt))
    announce(translate('described'))
    refresh()
  }

  function showDeleted(imageIds: string[]) {
    const ids = images.map((image) => image.imageId)
    const neighbour = neighbourOf(ids, imageIds)
    focusAfterDialog.current = neighbour ? cardId(neighbour) : headingId
    setLoaded((now) => withoutImages(now, imageIds))
    if (chosen.every((image) => imageIds.includes(image.imageId))) setSelecting(false)
    announce(translate('deleted', { count: imageIds.length }))
    if (images.some((image) => image.current && imageIds.includes(image.imageId))) announcePictureChange()
    refresh()
  }

  function takeOff(imageId: string) {
    const neighbour = neighbourOf(
      images.map((image) => image.imageId),
      [imageId],
    )
    flushSync(() => setLoaded((now) => withoutImages(now, [imageId])))
    document.getElementById(neighbour ? cardId(neighbour) : headingId)?.focus()
    refresh()
  }

  function placeFocusAfterDialog(event: Event) {
    if (!focusAfterDialog.current) return
    event.preventDefault()
    document.getElementById(focusAfterDialog.current)?.focus()
    focusAfterDialog.current = null
  }

  return (
    <section>
      {images.length === 0 && nextCursor === null ? (
        <GalleryEmpty collection={collection} />
      ) : (
        <GalleryHeader collection={collection}>
          <Button
            onClick={() => {
              setSelecting(!selecting)
              setSelected(noIds)
            }}
          >
            {translate(selecting ? 'selectDone' : 'selectMode')}
          </Button>
        </GalleryHeader>
      )}
      {images.length > 0 && (
        <ul aria-label={word('gallery.list')} className={gridLook(collection.mask)}>
          {images.map((image) => (
            <li key={image.imageId}>
              <GalleryCard
                image={image}
                mask={collection.mask}
                actions={cardActions}
                selecting={selecting}
                selected={selected.has(image.imageId)}
                onToggle={() => setSelected(toggled(selected, image.imageId))}
                onCurrent={showCurrent}
                onDescribed={(alt) => showDescription(image.imageId, alt)}
                onDelete={() => setAsked(new Set([image.imageId]))}
                onGone={() => takeOff(image.imageId)}
              />
            </li>
          ))}
        </ul>
      )}
      {failure && nextCursor !== null && (
        <div className="mt-6">
          {failure.code === 'unauthorized' ? (
            <FailureNotice failure={failure}>
              <SignInAgain />
            </FailureNotice>
          ) : (
            <FailureNotice failure={failure} sentence={translate('loadMoreFailed')}>
              <Button busy={loading} onClick={() => loadMore(nextCursor)}>
                {translate('retry')}
              </Button>
            </FailureNotice>
          )}
        </div>
      )}
      {!failure && nextCursor !== null && (
        <div className="mt-8 flex justify-center">
          <Button size="large" busy={loading} onClick={() => loadMore(nextCursor)}>
            {translate('loadMore')}
          </Button>
        </div>
      )}
      {selecting && images.length > 0 && (
        <SelectionBar
          selected={chosen.length}
          loaded={images.length}
          onSelectAll={() => setSelected(new Set(images.map((image) => image.imageId)))}
          onSelectNone={() => setSelected(noIds)}
          onDelete={() => setAsked(selected)}
        />
      )}
      <DeleteDialog
        collection={collection}
        images={images.filter((image) => asked.has(image.imageId))}
        deleteImages={deleteImages}
        onDeleted={showDeleted}
        onClose={() => setAsked(noIds)}
        onCloseAutoFocus={placeFocusAfterDialog}
      />
      {/* aria-live in so many words: what is marked so stays audible while a dialog hides the rest. */}
      <p role="status" aria-live="polite" className="sr-only">
        <span key={said.count}>{said.sentence}</span>
      </p>
    </section>
  )
}
