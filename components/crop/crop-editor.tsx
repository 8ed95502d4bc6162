'use client'

import { CircleHelp, Redo2, Undo2, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { loadLaterCode, useLaterCode, useLaterCodeOnPress } from '@/components/later/load-later-code'
import { useRefresh } from '@/components/layout/use-page-lock'
import type { Collection } from '@/lib/images/collections'
import { CropControls } from './crop-controls'
import { CropStage } from './crop-stage'
import { pressUndoKey } from './editor-actions'
import { IconButton } from './icon-button'
import { ImageLoading } from './image-loading'
import { LivePreview } from './live-preview'
import { TooSmallNotice } from './too-small-notice'
import { type Editor, useLive } from './use-editor'
import { useElementSize } from './use-element-size'
import { useFaces } from './use-faces'
import { useImageLoading } from './use-image-loading'

interface CropEditorProps {
  url: string
  /** The photo, if `url` is a file of this browser. */
  file?: Blob
  collection: Collection
  editor: Editor
  /** One line, with its own element. */
  heading: ReactNode
  /** The person closes the editor with the button "Cancel". */
  onClose: () => void
  /** Above the buttons: progress, failures. */
  status: ReactNode
  /** The main buttons. */
  actions: ReactNode
}

/**
 * The crop editor: a whole screen on a dark surround. On wide screens the controls are beside the photo, on others below
 * it. The main buttons are always visible.
 */
export function CropEditor({ url, file, collection, editor, heading, onClose, status, actions }: CropEditorProps) {
  const translate = useTranslations('crop')
  const refresh = useRefresh()
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()
  const image = useImageLoading(url, file ?? null)
  useFaces(file ?? image.sourceUrl, editor.suggested ? null : image.size, collection, editor.suggest)
  const stage = useRef<HTMLDivElement>(null)
  const size = useElementSize(stage)
  const instructionsId = useId()
  const [isHelpOpen, setIsHelpOpen] = useState(false)
  const [isStraightening, setIsStraightening] = useState(false)
  const isReady = image.size !== null && editor.editing !== null

  const onKeyDown = useEffectEvent((event: KeyboardEvent) => pressUndoKey(editor, event))
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])

  // The image fails without a sign of the person too.
  useEffect(() => {
    if (image.failed) void loadLaterCode().catch(() => undefined)
  }, [image.failed])

  function reload() {
    image.retry()
    refresh()
  }

  async function showHelp() {
    if (await loadLater()) setIsHelpOpen(true)
  }

  return (
    <div className="studio grid min-h-dvh grid-cols-1 grid-rows-[auto_minmax(13rem,1fr)_auto] side:h-dvh side:grid-cols-[minmax(0,1fr)_20rem] side:grid-rows-[auto_minmax(0,1fr)] lg:side:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex items-center gap-1 px-2 py-1 sm:px-3">
        <IconButton label={translate('controls.cancel')} Icon={X} onClick={onClose} />
        <div className="min-w-0 grow">{heading}</div>
        <IconButton
          label={translate('controls.undo')}
          Icon={Undo2}
          aria-keyshortcuts="Control+Z Meta+Z"
          aria-disabled={!editor.canUndo}
          onClick={editor.undo}
        />
        <IconButton
          label={translate('controls.redo')}
          Icon={Redo2}
          aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z Control+Y"
          aria-disabled={!editor.canRedo}
          onClick={editor.redo}
        />
        <IconButton label={translate('controls.help')} Icon={CircleHelp} onClick={showHelp} />
      </div>
      <div ref={stage} className="relative overflow-hidden">
        {image.failed && later && (
          <later.ImageFailed url={image.url} file={file} collection={collection} onReload={reload} />
        )}
        {!image.failed && isReady && size && (
          <CropStage
            url={image.url}
            collection={collection}
            editor={editor}
            size={size}
            instructionsId={instructionsId}
            isStraightening={isStraightening}
            onBroken={image.fail}
            onHelp={showHelp}
          />
        )}
        {!image.failed && !(isReady && size) && (
          <ImageLoading
            key={image.attempt}
            url={image.url}
            onLoaded={(natural) => {
              editor.open(natural)
              void image.finish(natural)
            }}
            onBroken={image.fail}
          />
        )}
        <StageNotices editor={editor} collection={collection} />
      </div>
      <div className="flex flex-col side:col-start-2 side:row-span-2 side:row-start-1 side:min-h-0 side:border-studio-line side:border-s">
        <div className="flex flex-col gap-4 px-4 py-2 side:min-h-0 side:grow side:overflow-y-auto side:py-4 side:short:py-1 lg:side:px-5">
          <LivePreview url={image.url} collection={collection} editor={editor} />
          <CropControls editor={editor} isReady={isReady} onStraightening={setIsStraightening} />
        </div>
        <div className="space-y-2 bg-studio px-4 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] stacked:not-short:sticky stacked:bottom-0 lg:side:px-5">
          {status}
          {actions}
        </div>
      </div>
      <p id={instructionsId} className="sr-only">
        {translate('stage.instructions')}
      </p>
      {later && <later.Announcer editor={editor} />}
      {isHelpOpen && later && <later.ShortcutsDialog onClose={() => setIsHelpOpen(false)} />}
    </div>
  )
}

/** What lies over the lower edge of the photo: a warning about a small crop. */
function StageNotices({ editor, collection }: { editor: Editor; collection: Collection }) {
  const area = useLive(editor, ({ now }) => now.recipe.area)
  return (
    <div className="pointer-events-none absolute inset-x-3 bottom-3 flex justify-center">
      <TooSmallNotice area={area} collection={collection} />
    </div>
  )
}
