'use client'

import { useTranslations } from 'next-intl'
import { useCallback, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useCollectionWords } from '@/components/collection'
import { useLaterCode, useLaterCodeOnPress } from '@/components/later/load-later-code'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage } from '@/lib/images/schema'
import { GalleryEmpty, GalleryHeader } from './gallery-layout'
import { lateDeletion } from './late-deletion'
import { LoadMore } from './load-more'
import { appendPage, type LoadedImages, withChanges } from './loaded-images'
import type { PhotoEvents } from './photo-actions'
import { focusPhoto } from './photo-focus'
import { PhotoList } from './photo-list'
import { RequestFailure } from './request-failure'
import { neighbourOf, toggled } from './selection'
import { UndoBar } from './undo-bar'
import { useAnnouncer } from './use-announcer'
import { usePhotos } from './use-photos'
import { UsedBefore } from './used-before'

interface GalleryProps {
  collection: Collection
  /** The first page, as the server just read it. */
  first: LoadedImages
}

/** All saved images of a collection: the one in use first, then the newest. */
export function Gallery({ collection, first }: GalleryProps) {
  const { mask } = collection
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const refresh = useRefresh()
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()
  const { images, before, names, nextCursor, isReadingCurrent, deletions, find, setLoaded } = usePhotos(
    collection,
    first,
  )
  const [opened, setOpened] = useState<string | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string> | null>(null)
  const [announce, announcer] = useAnnouncer()
  /** Gets the focus after the bar with "Undo". */
  const neighbour = useRef<string>(null)
  usePageLock(selected !== null)

  const ids = images.map(({ imageId }) => imageId)
  const nameOf = (imageId: string) => names.get(imageId) ?? ''
  const openedImage = images.find(({ imageId }) => imageId === opened)
  const waiting = find(deletions.waiting)
  const undeleted = find(deletions.failed?.imageId)

  const onChanged = useCallback(() => {
    announcePhotoChange()
    refresh()
  }, [refresh])

  useEffect(() => {
    lateDeletion.resume(onChanged)
    return lateDeletion.sendNow
  }, [onChanged])

  const events: PhotoEvents = {
    onCurrent({ imageId }, isCurrent) {
      flushSync(() => {
        setLoaded((now) => ({ ...now, currentId: isCurrent ? imageId : null }))
        setOpened(null)
      })
      focusPhoto(imageId)
      announce(word(isCurrent ? 'gallery.currentSet' : 'gallery.currentRemoved'))
      onChanged()
    },
    onDescribed({ imageId }, alt) {
      setLoaded((now) => withChanges(now, [{ imageId, alt }]))
      refresh()
    },
    onDelete({ imageId }) {
      neighbour.current = neighbourOf(ids, [imageId])
      setOpened(null)
      setSelected(null)
      lateDeletion.start(imageId, onChanged)
    },
    onGone: ({ imageId }) => showDeleted([imageId]),
  }

  async function open(imageId: string) {
    if (!(await loadLater())) return
    // Safari does not focus a pressed button, and the sheet returns the focus to where it was.
    focusPhoto(imageId)
    setOpened(imageId)
  }

  async function select(imageIds: string[]) {
    if (await loadLater()) setSelected((now) => imageIds.reduce(toggled, now ?? new Set<string>()))
  }

  function showDeleted(imageIds: string[]) {
    flushSync(() => {
      lateDeletion.hide(imageIds)
      setOpened(null)
      setSelected(
        (now) => now && (images.some(({ imageId }) => now.has(imageId) && !imageIds.includes(imageId)) ? now : null),
      )
    })
    focusPhoto(neighbourOf(ids, imageIds))
    announce(translate('deleted', { count: imageIds.length }))
    onChanged()
  }

  function showMore(page: GalleryPage) {
    const added = page.images.filter(({ imageId }) => !ids.includes(imageId))
    // Render the new photos first, so that one of them can get the focus.
    flushSync(() => setLoaded((now) => appendPage(now, page)))
    focusPhoto(added[0]?.imageId ?? ids.at(-1) ?? null)
    announce(translate('loaded', { added: added.length, all: images.length + added.length }))
  }

  return (
    <section>
      {images.length === 0 && nextCursor === null ? (
        <GalleryEmpty collection={collection} />
      ) : (
        <GalleryHeader collection={collection}>
          <Button look="quiet" className="max-sm:px-3" onClick={() => (selected ? setSelected(null) : select([]))}>
            {translate(selected ? 'selectDone' : 'selectMode')}
          </Button>
        </GalleryHeader>
      )}
      {deletions.failed && undeleted && (
        <div className="mb-6">
          <RequestFailure
            failed={{ failure: deletions.failed.failure, retry: () => events.onDelete(undeleted) }}
            busy={false}
            sentence={translate('notDeletedLater', { name: nameOf(undeleted.imageId) })}
          />
        </div>
      )}
      {!images[0]?.current && !isReadingCurrent && before.length > 0 && (
        <div className="mb-8 flex flex-wrap items-center gap-x-6 gap-y-3">
          <p className="font-medium">{word('gallery.noneInUse')}</p>
          <UsedBefore images={before} names={names} mask={mask} onCurrent={events.onCurrent} />
        </div>
      )}
      <PhotoList
        collection={collection}
        images={images}
        isReadingCurrent={isReadingCurrent}
        before={before}
        names={names}
        selected={selected}
        onOpen={open}
        onToggle={(imageId) => select([imageId])}
        {...events}
      />
      {nextCursor !== null && <LoadMore collection={collection} cursor={nextCursor} onLoaded={showMore} />}
      {selected && later && images.length > 0 && (
        <later.SelectionBar
          collection={collection}
          images={images}
          selected={selected}
          onSelect={setSelected}
          onDelete={events.onDelete}
          onDeleted={showDeleted}
        />
      )}
      {waiting && (
        <UndoBar
          key={waiting.imageId}
          name={nameOf(waiting.imageId)}
          sentence={waiting.current ? word('gallery.currentDeleted') : translate('deleted', { count: 1 })}
          onUndo={() => {
            flushSync(lateDeletion.undo)
            focusPhoto(waiting.imageId)
            announce(translate('restored'))
          }}
          onDismiss={lateDeletion.sendNow}
          onFocusLost={() => focusPhoto(neighbour.current)}
        />
      )}
      {openedImage && later && (
        <later.PhotoSheet
          key={openedImage.imageId}
          image={openedImage}
          name={nameOf(openedImage.imageId)}
          mask={mask}
          onClose={() => setOpened(null)}
          {...events}
        />
      )}
      {announcer}
    </section>
  )
}
