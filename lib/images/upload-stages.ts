import 'server-only'
import { channel } from 'node:diagnostics_channel'

/**
 * How far an upload has come: `issued` to a browser, `sent` to the store, `cropped` for the first time, `saved`. Each
 * crop that is saved counts as `saved`.
 */
export type UploadStage = 'issued' | 'sent' | 'cropped' | 'saved'

/** An upload of this collection has reached this stage. */
export interface StageReached {
  stage: UploadStage
  collection: string
}

/** Gets a `StageReached` for each stage that an upload reaches on this host. */
export const uploadStages = channel('anyhost.upload-stages')

/** Reports that an upload of a collection has reached a stage. */
export function reachStage(stage: UploadStage, { name }: { name: string }): void {
  const reached: StageReached = { stage, collection: name }
  uploadStages.publish(reached)
}
