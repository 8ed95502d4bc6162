/**
 * The code that the first view of a page does not need, in one module: a page has all of it or none. Import it through
 * `load-later-code.ts`.
 */

export { Announcer } from '@/components/crop/announcer'
export { CropPreview } from '@/components/crop/crop-preview'
export { ImageFailed } from '@/components/crop/image-failed'
export { SaveNotices } from '@/components/crop/save-notices'
export { sendCrop, sendSave } from '@/components/crop/send'
export { ShortcutsDialog } from '@/components/crop/shortcuts-dialog'
export { DropOverlay } from '@/components/flow/drop-overlay'
export { RunningFlow } from '@/components/flow/running-flow'
export { PhotoSheet } from '@/components/gallery/photo-sheet'
export { SelectionBar } from '@/components/gallery/selection-bar'
export { ForgetDialog } from '@/components/layout/forget-dialog'
export { signOut } from '@/components/layout/sign-out'
export { ConfirmDialog } from '@/components/ui/dialog'
export { CameraDialog } from '@/components/upload/camera-dialog'
