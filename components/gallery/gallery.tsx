'use client'

import { useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useCollectionWords } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { DeleteDialog } from './delete-dialog'
import { cardId, GalleryCard } from './gallery-card'
import { GalleryEmpty, GalleryHeader, gridLook, headingId } from './gallery-layout'
import { appendPage, withAlt, withCurrent, withoutImages, withUrls } from './loaded-images'
import { neighbourOf, toggled } from './selection'
import { SelectionBar } from './selection-bar'
import { useLoadedImages } from './use-loaded-images'
import { useUrlRenewal } from './use-url-renewal'

interface GalleryProps {
  collection: Collection
  /** The first page, as the server just read it. */
  first: GalleryPage
}

const noIds: ReadonlySet<string> = new Set()

/** All saved images of a collection, newest first, with their actions. */
export function Gallery({ collection, first }: GalleryProps) {
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const refresh = useRefresh()
  const { loaded, setLoaded, isRestored } = useLoadedImages(collection, first)
  useUrlRenewal(isRestored, renewUrls)
  const [loading, setLoading] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [selecting, setSelecting] = useState(false)
  const [selected, setSelected] = useState(noIds)
  /** The ids in the open delete dialog. */
  const [deleting, setDeleting] = useState(noIds)
  const [announcement, setAnnouncement] = useState({ sentence: '', count: 0 })
  const focusAfterDialog = useRef<string | null>(null)
  usePageLock(selecting || deleting.size > 0)
  const { images, nextCursor } = loaded
  const ids = images.map((image) => image.imageId)
  const selection = images.filter((image) => selected.has(image.imageId))

  function announce(sentence: string) {
    setAnnouncement(({ count }) => ({ sentence, count: count + 1 }))
  }

  function readPage(cursor: string | null): Promise<Result<GalleryPage> | Failure> {
    return attemptWithRetries(() => api.listImages({ collection: collection.name, cursor }))
  }

  async function renewUrls(): Promise<boolean> {
    let cursor: string | null = null
    let read = 0
    do {
      const result = await readPage(cursor)
      if (!result.ok) return false
      setLoaded((now) => withUrls(now, result.value.images))
      read += result.value.images.length
      cursor = result.value.nextCursor
    } while (cursor && read < images.length)
    return true
  }

  async function loadMore(cursor: string) {
    setLoading(true)
    const result = await readPage(cursor)
    setLoading(false)
    if (!result.ok) return setFailure(result)
    const added = withoutImages(result.value, ids).images
    // Render the new cards first, so that one of them can get the focus.
    flushSync(() => {
      setFailure(null)
      setLoaded((now) => appendPage(now, result.value))
    })
    const target = added[0] ?? images.at(-1)
    document.getElementById(target ? cardId(target.imageId) : headingId)?.focus()
    announce(translate('loaded', { added: added.length, all: images.length + added.length }))
  }

  function showCurrent(imageId: string | null) {
    setLoaded((now) => withCurrent(now, imageId))
    announce(word(imageId ? 'gallery.currentSet' : 'gallery.currentRemoved'))
    announcePhotoChange()
    refresh()
  }

  function showDescription(imageId: string, alt: string) {
    setLoaded((now) => withAlt(now, imageId, alt))
    announce(translate('described'))
    refresh()
  }

  function showDeleted(imageIds: string[]) {
    focusAfterDialog.current = focusTargetWithout(imageIds)
    setLoaded((now) => withoutImages(now, imageIds))
    if (selection.every((image) => imageIds.includes(image.imageId))) setSelecting(false)
    announce(translate('deleted', { count: imageIds.length }))
    if (images.some((image) => image.current && imageIds.includes(image.imageId))) announcePhotoChange()
    refresh()
  }

  function removeCard(imageId: string) {
    flushSync(() => setLoaded((now) => withoutImages(now, [imageId])))
    document.getElementById(focusTargetWithout([imageId]))?.focus()
    refresh()
  }

  function focusTargetWithout(imageIds: string[]): string {
    const neighbour = neighbourOf(ids, imageIds)
    return neighbour ? cardId(neighbour) : headingId
  }

  function moveFocusAfterDialog(event: Event) {
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
                selecting={selecting}
                selected={selected.has(image.imageId)}
                onToggle={() => setSelected(toggled(selected, image.imageId))}
                onCurrent={showCurrent}
                onDescribed={(alt) => showDescription(image.imageId, alt)}
                onDelete={() => setDeleting(new Set([image.imageId]))}
                onGone={() => removeCard(image.imageId)}
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
          selected={selection.length}
          loaded={images.length}
          onSelectAll={() => setSelected(new Set(ids))}
          onSelectNone={() => setSelected(noIds)}
          onDelete={() => setDeleting(selected)}
        />
      )}
      <DeleteDialog
        collection={collection}
        images={images.filter((image) => deleting.has(image.imageId))}
        onDeleted={showDeleted}
        onClose={() => setDeleting(noIds)}
        onCloseAutoFocus={moveFocusAfterDialog}
      />
      {/* An explicit aria-live keeps announcing while a dialog hides the rest of the page. */}
      <p role="status" aria-live="polite" className="sr-only">
        <span key={announcement.count}>{announcement.sentence}</span>
      </p>
    </section>
  )
}
