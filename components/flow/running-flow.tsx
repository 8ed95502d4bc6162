'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type RefObject, useEffect, useEffectEvent, useRef, useState, useTransition } from 'react'
import { pagePath } from '@/components/collection'
import { PhotoEditor } from '@/components/crop/photo-editor'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { Announcer } from '@/components/upload/announcer'
import { ConvertingNotice } from '@/components/upload/converting-notice'
import { OversizedOffer } from '@/components/upload/oversized-offer'
import { ProblemNotice } from '@/components/upload/problem-notice'
import { TransferStrip } from '@/components/upload/transfer-strip'
import { hasUnsentFile, isBusy } from '@/components/upload/upload-state'
import { useOnline } from '@/components/upload/use-online'
import { useUpload } from '@/components/upload/use-upload'
import { useShownCollection } from '@/components/use-shown-collection'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'
import type { Collection } from '@/lib/images/collections'
import type { StoredUpload } from './flow-context'
import { type Choice, type FlowActions, type FlowStatus, isEditorPath, type UploadLimits } from './photo-flow-provider'

interface RunningFlowProps extends FlowActions {
  choice: Choice
  limits: Record<string, UploadLimits>
  hasSession: boolean
  /** Receives the function that takes over what the server knows about the upload. */
  adopter: RefObject<((upload: StoredUpload) => void) | null>
  onStatus: (status: FlowStatus) => void
}

/** The photo in the editor: a local file, its object URL, and whether Back leads out of the editor. */
interface Session {
  file: File
  url: string
  collection: Collection
  isPushed: boolean
}

/**
 * The flow from a chosen file to the editor. The editor opens on the local file at `/crop`. Once the file is in the
 * store, the address becomes the upload's own, and the editor adopts what that page knows: the ETag and the trail.
 */
export function RunningFlow({ choice, limits, hasSession, adopter, onStatus, ...actions }: RunningFlowProps) {
  const translate = useTranslations('upload')
  const router = useRouter()
  const refresh = useRefresh()
  const path = usePathname()
  const [session, setSession] = useState<Session | null>(null)
  const [stored, setStored] = useState<StoredUpload | null>(null)
  const [hasFailed, setHasFailed] = useState(false)
  const [isNewGuest, setIsNewGuest] = useState(false)
  const [isOpening, startOpening] = useTransition()
  const question = useQuestion()

  const limitsOf = (collection: Collection) => {
    const { maxBytes = collection.maxUploadBytes, maxPixels = Number.POSITIVE_INFINITY } = limits[collection.name] ?? {}
    return { types: collection.types, maxBytes, maxPixels, largestVariant: collection.variants[0] }
  }

  const upload = useUpload({
    limitsOf,
    hasSession,
    startUpload: actions.startUpload,
    onGuest: () => setIsNewGuest(true),
    isEditing: () => isEditing,
    // A stopped upload offers to choose another photo.
    mayReplace: async () => !(isEditing || path.startsWith('/crop/')) || accepted?.step === 'stopped' || question.ask(),
    onAccepted(file, collection) {
      // The check and the question took time, so the address may have changed since the last render.
      const isAtFirstAddress = window.location.pathname === '/crop'
      // Also removes the crop of the photo before, and stops the navigation to that photo's own address.
      const address = pagePath('crop', collection)
      if (isAtFirstAddress) window.history.replaceState(null, '', address)
      else window.history.pushState(null, '', address)
      const url = URL.createObjectURL(file)
      setSession((last) => ({ file, url, collection, isPushed: !isAtFirstAddress || last?.isPushed === true }))
      setStored(null)
      setHasFailed(false)
    },
    onLosesMotion: (name) => toast(translate('losesMotion', { name }), { duration: 10_000 }),
  })
  const { state, accepted } = upload
  const uploadId = accepted?.step === 'arrived' ? accepted.uploadId : null
  const isStored = stored !== null && stored.uploadId === uploadId
  const isAtUpload = uploadId !== null && path === `/crop/${uploadId}`
  const isEditing =
    accepted !== null && session !== null && (path === '/crop' || (isAtUpload && (isStored || !hasFailed)))

  const chosen = useRef<Choice>(null)
  const choose = useEffectEvent(upload.choose)
  useEffect(() => {
    if (chosen.current === choice) return
    chosen.current = choice
    void choose(choice.files, choice.collection)
  }, [choice])

  // A rejected file is the business of the page where it was chosen.
  const place = `${path} ${useShownCollection().name}`
  const lastPlace = useRef(place)
  const forget = useEffectEvent((wasEditor: boolean, isEditor: boolean) => {
    if (accepted && !isEditor) upload.forgetProblem()
    // A file that can no longer be read closes the editor: the page below it says so.
    if (!accepted && !wasEditor) upload.discard()
    if (question.isOpen && !isEditor) question.answer(false)
  })
  useEffect(() => {
    if (lastPlace.current !== place) forget(isEditorPath(lastPlace.current), isEditorPath(path))
    lastPlace.current = place
  }, [place, path])

  const isChecking = state.step === 'checking'
  useEffect(() => {
    onStatus({ isChecking, isEditing, localUploadId: isEditing ? uploadId : null })
  }, [onStatus, isChecking, isEditing, uploadId])

  useEffect(() => {
    adopter.current = (adopted) => setStored(adopted)
    return () => {
      adopter.current = null
    }
  }, [adopter])

  // The file is in the store: move to the upload's own address, with the edits in it.
  const isOnline = useOnline()
  useEffect(() => {
    // Without a network, Next would leave the page for the browser's error page.
    if (uploadId && path === '/crop' && isOnline) {
      startOpening(() => router.replace(`/crop/${uploadId}${window.location.search}`))
    }
  }, [uploadId, path, isOnline, router])
  // The page could not open the upload, and says why.
  const isRejected = isAtUpload && !isOpening && !isStored
  useEffect(() => {
    if (isRejected) setHasFailed(true)
  }, [isRejected])

  const busy = isBusy(state)
  // The header shows the new guest's menu. Not before the editor closes: a refresh can undo changes of the address.
  const isHeaderOld = isNewGuest && !hasSession && !isEditing
  useEffect(() => {
    if (isHeaderOld) refresh()
  }, [isHeaderOld, refresh])

  // Until the editor knows the upload's page, a refresh would request the page below it.
  usePageLock(hasUnsentFile(state) || (isEditing && uploadId !== null && !isStored))
  useEffect(() => (busy ? warnBeforeLeaving() : undefined), [busy])

  useEffect(() => (session ? () => URL.revokeObjectURL(session.url) : undefined), [session])

  // The person left the editor, or the file cannot be read any more.
  const isOver = session !== null && accepted === null
  const wasEditing = useRef(false)
  const close = useEffectEvent(() => {
    if (wasEditing.current && session?.isPushed) window.history.back()
    else if (wasEditing.current) router.push('/')
    setSession(null)
  })
  useEffect(() => {
    if (isOver) close()
    wasEditing.current = isEditing
  }, [isOver, isEditing])

  const problem = 'problem' in state && state.problem && (
    <ProblemNotice problem={state.problem} limits={limitsOf(session?.collection ?? choice.collection)} />
  )

  return (
    <>
      <Announcer state={isStored ? null : state} />
      {isEditing && (
        <PhotoEditor
          key={session.url}
          collection={session.collection}
          url={session.url}
          file={session.file}
          upload={isStored ? stored : null}
          isUploadStopped={accepted.step === 'stopped'}
          onResumeUpload={upload.retry}
          isAddressHeld={isOpening}
          status={
            <>
              {problem}
              <TransferStrip
                state={accepted}
                collection={session.collection}
                onCancel={upload.cancel}
                onRetry={upload.retry}
                onChooseAnother={(files) => upload.choose(files, session.collection)}
              />
            </>
          }
          saveImage={actions.saveImage}
          onLeave={upload.discard}
        />
      )}
      {!isEditing && (problem || (!accepted && 'file' in state)) && (
        <div className="wrap-break-word mx-auto w-full max-w-5xl space-y-4 px-page pt-6">
          {problem}
          {state.step === 'converting' && <ConvertingNotice file={state.file} onCancel={upload.cancel} />}
          {(state.step === 'oversized' || state.step === 'shrinking') && (
            <OversizedOffer
              file={state.file}
              reason={state.reason}
              limits={limitsOf(choice.collection)}
              busy={state.step === 'shrinking'}
              onShrink={upload.shrink}
            />
          )}
        </div>
      )}
      <ConfirmDialog
        open={question.isOpen}
        onOpenChange={() => question.answer(false)}
        title={translate('replace.title')}
        description={translate('replace.text')}
        confirmLabel={translate('replace.confirm')}
        cancelLabel={translate('replace.cancel')}
        onConfirm={() => question.answer(true)}
      />
    </>
  )
}

/** A yes-or-no question as a promise. */
function useQuestion() {
  const [resolve, setResolve] = useState<((answer: boolean) => void) | null>(null)
  return {
    isOpen: resolve !== null,
    ask: () => new Promise<boolean>((resolve) => setResolve(() => resolve)),
    answer(answer: boolean) {
      resolve?.(answer)
      setResolve(null)
    },
  }
}
