'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react'
import { PhotoEditor } from '@/components/crop/photo-editor'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { toast } from '@/components/ui/toast'
import { Announcer } from '@/components/upload/announcer'
import { MakingStrip } from '@/components/upload/making-strip'
import { OversizedOffer } from '@/components/upload/oversized-offer'
import { ProblemNotice } from '@/components/upload/problem-notice'
import { SelectedFile } from '@/components/upload/selected-file'
import { TransferStrip } from '@/components/upload/transfer-strip'
import { hasUnsentFile, isBusy, needsPerson } from '@/components/upload/upload-state'
import { useUpload } from '@/components/upload/use-upload'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'
import type { Collection } from '@/lib/images/collections'
import type { StoredUpload } from './flow-context'
import { type Choice, type FlowActions, type FlowStatus, isEditorPath, type UploadLimits } from './photo-flow-provider'
import { UnsavedPhoto } from './unsaved-photo'
import { useLocalPhoto } from './use-local-photo'
import { usePlaceChange } from './use-place-change'
import { useReplaceQuestion } from './use-replace-question'
import { useUploadPage } from './use-upload-page'

interface RunningFlowProps extends FlowActions {
  choice: Choice
  limits: Record<string, UploadLimits>
  hasSession: boolean
  /** Receives the function that takes over what the server knows about the upload. */
  adopter: RefObject<((upload: StoredUpload) => void) | null>
  onStatus: (status: FlowStatus) => void
}

/**
 * The flow from a chosen file to the editor. The editor opens on the local file at `/crop`. Once the file is in the
 * store, the address becomes the upload's own, and the editor adopts what that page knows: the ETag and the trail. On
 * other pages, the photo waits in a strip until it is saved or discarded.
 */
export function RunningFlow({ choice, limits, hasSession, adopter, onStatus, ...actions }: RunningFlowProps) {
  const translate = useTranslations('upload')
  const router = useRouter()
  const refresh = useRefresh()
  const path = usePathname()
  const [isNewGuest, setIsNewGuest] = useState(false)
  const question = useReplaceQuestion()
  const local = useLocalPhoto()
  const { photo } = local

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
    async mayReplace() {
      // A stopped upload offers to choose another photo.
      if (isEditing) return accepted.step === 'stopped' || question.ask(null)
      if (path.startsWith('/crop/')) return question.ask(null)
      return !photo || photo.isDone || question.ask(photo.file.name)
    },
    onAccepted: local.open,
    onLosesMotion: (name) => toast(translate('losesMotion', { name }), { duration: 10_000 }),
  })
  const { accepted, choosing, problem } = upload.state
  const uploadId = accepted?.step === 'arrived' ? accepted.uploadId : null
  const { stored, isOpening, isAtEditor } = useUploadPage(uploadId, adopter)
  const isEditing = accepted !== null && photo !== null && isAtEditor

  const choose = useEffectEvent(upload.choose)
  useEffect(() => void choose(choice.files, choice.collection), [choice])

  /** The person leaves the editor of an upload in the store, and the next page still loads. */
  const [isLeaving, setIsLeaving] = useState(false)
  // A rejected file is the business of the page where it was chosen.
  usePlaceChange((wasEditor, isEditor) => {
    if (isLeaving) upload.discard()
    setIsLeaving(false)
    // The accepted file itself opened the editor. Its failure may be known already.
    if (isEditor && (wasEditor || accepted)) return
    if (!isEditor) local.leave()
    upload.forgetChoice()
    // A file that can no longer be read closes the editor: the page below it says so.
    if (accepted || !wasEditor) upload.forgetProblem()
    question.dismiss()
  })

  const isChecking = choosing?.step === 'checking'
  useEffect(() => {
    // Also on other pages: after Forward, the upload's page must not open another editor for a moment.
    onStatus({ isChecking, isEditing, localUploadId: uploadId })
  }, [onStatus, isChecking, isEditing, uploadId])

  // The header shows the new guest's menu. Not in the editor and before it has closed: a refresh can undo changes of the
  // address.
  const isUnsent = hasUnsentFile(upload.state)
  const isHeaderOld = isNewGuest && !hasSession && !isUnsent && !isEditorPath(path)
  useEffect(() => {
    if (isHeaderOld) refresh()
  }, [isHeaderOld, refresh])

  // Until the editor knows the upload's page, a refresh would request the page below it.
  usePageLock(isUnsent || path === '/crop' || (isEditing && uploadId !== null && !stored))
  const busy = isBusy(accepted)
  useEffect(() => (busy ? warnBeforeLeaving() : undefined), [busy])

  // The person left the editor, or the file cannot be read any more.
  const isOver = photo !== null && accepted === null
  const wasEditing = useRef(false)
  const goBack = useEffectEvent(() => {
    if (photo?.isPushed) window.history.back()
    else router.push('/')
  })
  const close = useEffectEvent(() => {
    if (wasEditing.current) goBack()
    local.forget()
  })
  useEffect(() => {
    if (isOver) close()
    wasEditing.current = isEditing
  }, [isOver, isEditing])

  function leave() {
    upload.forgetChoice()
    // The editor stays until the next page shows: in its place, the upload's own page would open another one.
    if (stored) setIsLeaving(true)
    else upload.discard()
  }
  // In an effect, because the question before it takes Back for itself until it is closed.
  useEffect(() => {
    if (isLeaving) goBack()
  }, [isLeaving])

  const isMaking = choosing?.step === 'converting' || choosing?.step === 'shrinking'
  const offer = choosing?.step === 'shrinking' ? choosing.before : choosing
  const notice = problem && (
    <ProblemNotice problem={problem} limits={limitsOf(photo?.collection ?? choice.collection)} />
  )

  return (
    <>
      <Announcer
        choosing={choosing}
        accepted={photo?.isDone || (isEditing && stored) ? null : accepted}
        isEditing={isEditing}
      />
      {isEditing && (
        <PhotoEditor
          key={photo.url}
          collection={photo.collection}
          url={photo.url}
          file={photo.file}
          upload={stored}
          isUploadStopped={needsPerson(accepted)}
          onResumeUpload={upload.retry}
          isAddressHeld={isOpening}
          status={
            <>
              {notice}
              {isMaking && <MakingStrip state={choosing} onCancel={upload.keep} />}
              <TransferStrip
                state={accepted}
                collection={photo.collection}
                onCancel={upload.cancel}
                onRetry={upload.retry}
                onChooseAnother={(files) => upload.choose(files, photo.collection)}
              />
            </>
          }
          saveImage={actions.saveImage}
          onEdit={local.edit}
          onDone={() => local.finish(photo.url)}
          onLeave={leave}
        />
      )}
      {accepted && photo?.isLeft && !photo.isDone && !isEditorPath(path) && (
        <UnsavedPhoto state={accepted} url={photo.url} onOpen={local.reopen} onDiscard={upload.discard} />
      )}
      {!isEditing && (notice || isMaking || offer?.step === 'oversized') && (
        <div className="wrap-break-word mx-auto w-full max-w-5xl space-y-4 px-page pt-6">
          {notice}
          {offer?.step === 'oversized' ? (
            <OversizedOffer
              file={offer.file}
              reason={offer.reason}
              limits={limitsOf(choice.collection)}
              busy={choosing?.step === 'shrinking'}
              onShrink={upload.shrink}
            />
          ) : (
            isMaking && (
              <SelectedFile file={choosing.file}>
                <MakingStrip state={choosing} onCancel={upload.keep} />
              </SelectedFile>
            )
          )}
        </div>
      )}
      {question.dialog}
    </>
  )
}
