'use server'

import type { z } from 'zod'
import { saveImage as save } from '@/lib/images/save'
import { parseInput, type SavedImage, SaveRequest, StartUpload, type UploadTicket } from '@/lib/images/schema'
import { startUpload as start } from '@/lib/images/upload'
import type { Result } from '@/lib/result'
import { requireWriter } from '@/lib/session/current-user'
import type { User } from '@/lib/session/user'
import { collectionIn, runStep } from './_shell/run-step'

/** Step 1: issues an upload. Returns the presigned form that sends the file to the store. */
export async function startUpload(input: StartUpload): Promise<Result<UploadTicket>> {
  return asWriter('startUpload', StartUpload, input, start)
}

/** Step 3: saves a crop as an image. */
export async function saveImage(input: SaveRequest): Promise<Result<SavedImage>> {
  return asWriter('saveImage', SaveRequest, input, save)
}

/** Checks origin, session and input in this order, then runs the action (security S26, S9, S30). */
async function asWriter<I extends object, O>(
  step: string,
  schema: z.ZodType<I>,
  input: unknown,
  work: (user: User, input: I) => Promise<Result<O>>,
): Promise<Result<O>> {
  return runStep(step, async (details) => {
    const user = await requireWriter()
    if (!user.ok) return user
    const parsed = parseInput(schema, input)
    if (!parsed.ok) return parsed
    details.collection = collectionIn(parsed.value)
    return work(user.value, parsed.value)
  })
}
