'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import type { StoredUpload } from '@/components/flow/flow-context'
import { useRefresh } from '@/components/layout/use-page-lock'
import { toast } from '@/components/ui/toast'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import { type Collection, defaultCollection } from '@/lib/images/collections'
import type { CropAnswer, SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { isSameRecipe } from './crop-geometry'
import { forgetCrop, knownCrop, rememberCrop, sameCrop } from './known-crops'
import { recipeFromParams } from './recipe-params'
import { isPushedPreview, pushPreview, useCropUrl, writeSearch } from './use-crop-url'
import { useEditor } from './use-editor'
import { useEditorAddress } from './use-editor-address'
import { useSavePhoto } from './use-save-photo'

export interface PhotoSetup {
  collection: Collection
  /** The photo, if it is a file of this browser. */
  file?: Blob
  /** The upload in the store, or null until it has arrived. */
  upload: StoredUpload | null
  isUploadStopped?: boolean
  /** Continues a stopped upload. */
  onResumeUpload?: () => void
  /** A navigation is loading, which a change of the address would undo. */
  isAddressHeld?: boolean
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
  /** Receives the query of an address that opens the editor with these edits. */
  onEdit?: (search: string) => void
  /** The photo is saved, or cannot be used: nothing is left to do with it. */
  onDone?: () => void
}

/** The photo in the editor: its crop and the choices about it, in the page's address, and how it is previewed and saved. */
export function usePhoto({ collection, file, upload, saveImage, ...props }: PhotoSetup) {
  const { isUploadStopped = false, isAddressHeld = false, onResumeUpload = () => undefined } = props
  const translateError = useTranslations('errors')
  const word = useCollectionWords(collection)
  const router = useRouter()
  const refresh = useRefresh()
  const path = usePathname()
  const isMounted = useRef(false)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  const address = useEditorAddress(collection, upload, file !== undefined)
  const { keepsOriginal, previewId } = address
  /** A crop that the store no longer has. */
  const [goneId, setGoneId] = useState<string | null>(null)

  const editor = useEditor(collection.aspect, address.initialRecipe, () => {
    address.touch()
    // "Stopped. Your crop has not changed." is no longer true either.
    if (state.step === 'cropping' || (state.step === 'editing' && state.isStopped)) saving.cancel()
  })
  const recipe = editor.editing?.recipe ?? address.initialRecipe
  const preview = upload && previewId && previewId !== goneId ? findCrop(upload, previewId) : null

  const saving = useSavePhoto({
    upload,
    isUploadStopped,
    onResumeUpload,
    keepsOriginal,
    saveImage,
    cropRequest({ uploadId, source }) {
      if (!editor.editing) return null
      // A face that is found during the crop must not move the frame away from what is saved.
      editor.choose()
      const { recipe, subject } = editor.editing
      return { uploadId, ...recipe, etag: source.etag, shown: subject.image }
    },
    findCrop: sameCrop,
    onCropped(request, crop) {
      rememberCrop(request, crop)
      // The same crop again has the same id.
      setGoneId(null)
    },
    onPreview({ cropId }) {
      address.show(cropId)
      if (recipe) pushPreview(address.search(recipe, cropId))
    },
    onCropGone({ cropId }) {
      forgetCrop(cropId)
      setGoneId(cropId)
    },
    onSaveFailed({ code }) {
      // The person left the editor, which would say so.
      if (!isMounted.current) toast.error(translateError(code))
    },
    onSaved(image) {
      props.onDone?.()
      toast.success(word('crop.saved'))
      // The header shows the default collection's photo.
      const isHeaderPhoto = image.current && collection.name === defaultCollection.name
      announcePhotoChange(isHeaderPhoto ? image.variants.at(-1) : undefined)
      // The person left the editor during the save.
      if (!isMounted.current) return refresh()
      router.push(pagePath('gallery', collection))
    },
  })
  const { state } = saving

  const search = address.isTouched && recipe ? address.search(recipe, preview && previewId) : null
  useCropUrl(isAddressHeld || saving.isBusy ? null : search)
  const report = useEffectEvent((search: string) => props.onEdit?.(search))
  useEffect(() => {
    if (search) report(search)
  }, [search])

  // Back and Forward change the address; the editor follows it.
  const onReturn = useEffectEvent(() => {
    // They may also lead to another page, which takes a while to show.
    if (window.location.pathname !== path) return
    const params = new URLSearchParams(window.location.search)
    address.follow(params.get('crop'))
    const shown = recipeFromParams(Object.fromEntries(params))
    if (shown && editor.editing && !isSameRecipe(shown, editor.editing.recipe)) editor.show(shown)
  })
  useEffect(() => {
    const popstate = () => onReturn()
    window.addEventListener('popstate', popstate)
    return () => window.removeEventListener('popstate', popstate)
  }, [])

  return {
    editor,
    saving,
    keepsOriginal,
    chooseOriginal: address.chooseOriginal,
    /** The crop whose preview is open, or that is being saved. */
    shownCrop: state.step === 'saving' ? state.crop : preview,

    save(keepOriginal = keepsOriginal) {
      address.chooseOriginal(keepOriginal)
      // Not later: it could undo the navigation to the gallery.
      if (recipe && !isAddressHeld) writeSearch(address.search(recipe, preview && previewId, keepOriginal))
      if (preview) saving.saveCrop(preview, keepOriginal)
      else saving.start('save', keepOriginal)
    },

    closePreview() {
      saving.forgetFailure()
      if (isPushedPreview()) return window.history.back()
      address.show(null)
    },
  }
}

export type Photo = ReturnType<typeof usePhoto>

/** Returns a crop of the upload, as the server or this tab knows it. */
function findCrop({ uploadId, appliedCrop }: StoredUpload, cropId: string): CropAnswer | null {
  return appliedCrop?.cropId === cropId ? appliedCrop : knownCrop(uploadId, cropId)
}
