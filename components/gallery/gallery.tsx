'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'
import { useCollectionWords } from '@/components/collection'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage, SavedImage } from '@/lib/images/schema'
import { DeleteDialog } from './delete-dialog'
import { GalleryEmpty, GalleryHeader, headingId } from './gallery-layout'
import { lateDeletion, nothingDeleted } from './late-deletion'
import { appendPage, withAlt, withCurrent, withoutImages, withUrls } from './loaded-images'
import type { PhotoEvents } from './photo-actions'
import { PhotoList } from './photo-list'
import { PhotoSheet } from './photo-sheet'
import { focusPhoto, type TileActions } from './photo-tile'
import { RequestFailure } from './request-failure'
import { neighbourOf, toggled } from './selection'
import { SelectionBar } from './selection-bar'
import { UndoBar, undoButtonId } from './undo-bar'
import { useCurrentImage } from './use-current-image'
import { useLoadedImages } from './use-loaded-images'
import { usePhotoNames } from './use-photo-names'
import { useRequest } from './use-request'
import { useUrlRenewal } from './use-url-renewal'
import { UsedBefore } from './used-before'

interface GalleryProps {
  collection: Collection
  first: FirstPage
}

/** What the server reads for the gallery. */
export interface FirstPage {
  page: GalleryPage
  /** The ids of the images that were in use, the last one first. */
  used: string[]
  currentId: string | null
}

const noIds: ReadonlySet<string> = new Set()

/** How many photos "Used before" offers. More would repeat the tiles below it. */
const maxBefore = 2

/** All saved images of a collection: the one in use first, then the newest. */
export function Gallery({ collection, first: { page: first, used, currentId } }: GalleryProps) {
  const { mask } = collection
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const refresh = useRefresh()
  const { loaded, setLoaded, isRestored } = useLoadedImages(collection, first)
  useUrlRenewal(isRestored, renewUrls)
  const { busy, failed, run } = useRequest<'more'>()
  const deletions = useSyncExternalStore(lateDeletion.subscribe, lateDeletion.read, () => nothingDeleted)
  const [opened, setOpened] = useState<string | null>(null)
  const [selecting, setSelecting] = useState(false)
  const [selected, setSelected] = useState(noIds)
  const [isAsking, setIsAsking] = useState(false)
  const [announcement, setAnnouncement] = useState({ sentence: '', count: 0 })
  /** The photo that gets the focus when a sheet, dialog or bar disappears. Null: the heading. Undefined: as before. */
  const nextFocus = useRef<string | null>(undefined)
  usePageLock(selecting)

  const { nextCursor } = loaded
  const names = usePhotoNames(loaded.images)
  const images = loaded.images.filter(({ imageId }) => !deletions.hidden.has(imageId))
  const current = images.find((image) => image.current)
  const others = images.filter((image) => image !== current)
  const ids = [...(current ? [current] : []), ...others].map(({ imageId }) => imageId)
  const selection = images.filter(({ imageId }) => selected.has(imageId))
  const openedImage = images.find(({ imageId }) => imageId === opened)
  const before = used.flatMap((id) => others.filter(({ imageId }) => imageId === id)).slice(0, maxBefore)
  const isKnown = current !== undefined || [...ids, ...deletions.hidden].includes(currentId ?? '')
  const isReading = useCurrentImage(isKnown ? null : currentId, (image) =>
    setLoaded((now) => appendPage(now, { images: [image], nextCursor: now.nextCursor })),
  )

  useEffect(() => {
    const onDeleted = () => {
      announcePhotoChange()
      refresh()
    }
    lateDeletion.resume(onDeleted)
    return lateDeletion.sendNow
  }, [refresh])

  function announce(sentence: string) {
    setAnnouncement(({ count }) => ({ sentence, count: count + 1 }))
  }

  function focus(imageId: string | null) {
    if (!focusPhoto(imageId)) document.getElementById(headingId)?.focus()
  }

  async function renewUrls(): Promise<boolean> {
    let cursor: string | null = null
    let read = 0
    do {
      const result = await attemptWithRetries(() => api.listImages({ collection: collection.name, cursor }))
      if (!result.ok) return false
      setLoaded((now) => withUrls(now, result.value.images))
      read += result.value.images.length
      cursor = result.value.nextCursor
    } while (cursor && read < loaded.images.length)
    if (!cursor || !current || current.imageId < cursor) return true
    // The photo in use is older than the pages.
    const older = await attemptWithRetries(() => api.readImage(current))
    if (older.ok) setLoaded((now) => withUrls(now, [older.value]))
    return older.ok
  }

  function loadMore(cursor: string) {
    run(
      'more',
      () => api.listImages({ collection: collection.name, cursor }),
      (page) => {
        const added = withoutImages(page, ids).images
        // Render the new photos first, so that one of them can get the focus.
        flushSync(() => setLoaded((now) => appendPage(now, page)))
        focus(added[0]?.imageId ?? ids.at(-1) ?? null)
        announce(translate('loaded', { added: added.length, all: images.length + added.length }))
      },
    )
  }

  const events: PhotoEvents = {
    onCurrent({ imageId }, isCurrent) {
      nextFocus.current = imageId
      flushSync(() => {
        setLoaded((now) => withCurrent(now, isCurrent ? imageId : null))
        setOpened(null)
      })
      focus(imageId)
      announce(word(isCurrent ? 'gallery.currentSet' : 'gallery.currentRemoved'))
      announcePhotoChange()
      refresh()
    },
    onDescribed({ imageId }, alt) {
      setLoaded((now) => withAlt(now, imageId, alt))
      refresh()
    },
    onDelete({ imageId }) {
      nextFocus.current = neighbourOf(ids, [imageId])
      setOpened(null)
      endSelection()
      lateDeletion.start(imageId, () => {
        setLoaded((now) => withoutImages(now, [imageId]))
        announcePhotoChange()
        refresh()
      })
    },
    onGone({ imageId }) {
      nextFocus.current = neighbourOf(ids, [imageId])
      flushSync(() => {
        setLoaded((now) => withoutImages(now, [imageId]))
        setOpened(null)
      })
      focus(nextFocus.current)
      refresh()
    },
  }

  const tileActions: TileActions = {
    selecting,
    selected,
    onOpen: (imageId) => {
      nextFocus.current = imageId
      setOpened(imageId)
    },
    onToggle: (imageId) => setSelected(toggled(selected, imageId)),
    onLongPress: (imageId) => {
      setSelecting(true)
      setSelected(toggled(selected, imageId))
    },
  }

  function endSelection() {
    setSelecting(false)
    setSelected(noIds)
  }

  function showDeleted(imageIds: string[]) {
    nextFocus.current = neighbourOf(ids, imageIds)
    setLoaded((now) => withoutImages(now, imageIds))
    if (selection.every(({ imageId }) => imageIds.includes(imageId))) endSelection()
    announce(translate('deleted', { count: imageIds.length }))
    if (images.some((image) => image.current && imageIds.includes(image.imageId))) announcePhotoChange()
    refresh()
  }

  function undo(imageId: string) {
    flushSync(lateDeletion.undo)
    focus(imageId)
    announce(translate('restored'))
  }

  function moveFocus(event: Event) {
    if (nextFocus.current === undefined) return
    event.preventDefault()
    const undoButton = document.getElementById(undoButtonId)
    if (undoButton) undoButton.focus({ preventScroll: true })
    else focus(nextFocus.current)
  }

  const find = (id: string | null | undefined) => loaded.images.find(({ imageId }) => imageId === id)
  const nameOf = (image: SavedImage) => names.get(image.imageId) ?? ''
  const waiting = find(deletions.waiting)
  const undeleted = deletions.failed && find(deletions.failed.imageId)

  return (
    <section>
      {images.length === 0 && nextCursor === null ? (
        <GalleryEmpty collection={collection} />
      ) : (
        <GalleryHeader collection={collection}>
          <Button
            look="quiet"
            className="max-sm:px-3"
            onClick={() => (selecting ? endSelection() : setSelecting(true))}
          >
            {translate(selecting ? 'selectDone' : 'selectMode')}
          </Button>
        </GalleryHeader>
      )}
      {deletions.failed && undeleted && (
        <div className="mb-6">
          <RequestFailure
            failed={{ failure: deletions.failed.failure, retry: () => events.onDelete(undeleted) }}
            busy={false}
            sentence={translate('notDeletedLater', { name: nameOf(undeleted) })}
          />
        </div>
      )}
      {!current && !isReading && before.length > 0 && (
        <div className="mb-8 flex flex-wrap items-center gap-x-6 gap-y-3">
          <p className="font-medium">{word('gallery.noneInUse')}</p>
          <UsedBefore images={before} names={names} mask={mask} onCurrent={events.onCurrent} />
        </div>
      )}
      <PhotoList
        collection={collection}
        current={isReading ? 'reading' : current}
        others={others}
        before={before}
        names={names}
        {...tileActions}
        {...events}
      />
      {nextCursor !== null && (
        <div className="mt-10 flex justify-center">
          {failed ? (
            <RequestFailure failed={failed} busy={busy !== null} sentence={translate('loadMoreFailed')} />
          ) : (
            <Button size="large" busy={busy !== null} onClick={() => loadMore(nextCursor)}>
              {translate('loadMore')}
            </Button>
          )}
        </div>
      )}
      {selecting && images.length > 0 && (
        <SelectionBar
          selected={selection.length}
          loaded={images.length}
          onSelectAll={() => setSelected(new Set(ids))}
          onSelectNone={() => setSelected(noIds)}
          onDelete={() => {
            nextFocus.current = undefined
            if (selection[0] && selection.length === 1) events.onDelete(selection[0])
            else setIsAsking(true)
          }}
        />
      )}
      {waiting && (
        <UndoBar
          key={waiting.imageId}
          name={nameOf(waiting)}
          sentence={waiting.current ? word('gallery.currentDeleted') : translate('deleted', { count: 1 })}
          onUndo={() => undo(waiting.imageId)}
          onDismiss={lateDeletion.sendNow}
          onFocusLost={() => focus(nextFocus.current ?? null)}
        />
      )}
      {openedImage && (
        <PhotoSheet
          key={openedImage.imageId}
          image={openedImage}
          name={nameOf(openedImage)}
          mask={mask}
          onClose={() => setOpened(null)}
          onCloseAutoFocus={moveFocus}
          {...events}
        />
      )}
      <DeleteDialog
        collection={collection}
        images={isAsking ? selection : []}
        onDeleted={showDeleted}
        onClose={() => setIsAsking(false)}
        onCloseAutoFocus={moveFocus}
      />
      {/* An explicit aria-live keeps announcing while a dialog hides the rest of the page. */}
      <p role="status" aria-live="polite" className="sr-only">
        <span key={announcement.count}>{announcement.sentence}</span>
      </p>
    </section>
  )
}
