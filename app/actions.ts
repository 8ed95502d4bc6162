'use server'

import type { z } from 'zod'
import { saveImage as save } from '@/lib/images/save'
import { parseInput, type SavedImage, SaveRequest, StartUpload, type UploadTicket } from '@/lib/images/schema'
import { startUpload as start } from '@/lib/images/upload'
import type { Result } from '@/lib/result'
import { clearSession, writeSession } from '@/lib/session/cookie'
import { requireWriter } from '@/lib/session/current-user'
import { createGuest } from '@/lib/session/guest'
import { requireOwnOrigin } from '@/lib/session/origin'
import type { User } from '@/lib/session/user'
import { withErrorLogging } from './_shell/with-error-logging'

/** Signs in as a new guest. */
export async function signInAsGuest(): Promise<Result<null>> {
  return withErrorLogging('signInAsGuest', async () => {
    const origin = await requireOwnOrigin()
    if (origin.ok) await writeSession(createGuest())
    return origin
  })
}

/** Signs out in this browser. */
export async function signOut(): Promise<Result<null>> {
  return withErrorLogging('signOut', async () => {
    const origin = await requireOwnOrigin()
    if (origin.ok) await clearSession()
    return origin
  })
}

/** Step 1: issues an upload. Returns the presigned form that sends the file to the store. */
export async function startUpload(input: StartUpload): Promise<Result<UploadTicket>> {
  return asWriter('startUpload', StartUpload, input, start)
}

/** Step 3: saves a crop as an image. */
export async function saveImage(input: SaveRequest): Promise<Result<SavedImage>> {
  return asWriter('saveImage', SaveRequest, input, save)
}

/** Checks origin, session and input in this order, then runs the action (security S26, S9, S30). */
async function asWriter<I, O>(
  name: string,
  schema: z.ZodType<I>,
  input: unknown,
  work: (user: User, input: I) => Promise<Result<O>>,
): Promise<Result<O>> {
  return withErrorLogging(name, async () => {
    const user = await requireWriter()
    if (!user.ok) return user
    const parsed = parseInput(schema, input)
    return parsed.ok ? work(user.value, parsed.value) : parsed
  })
}
