'use server'

import { z } from 'zod'
import { findCollection } from '@/lib/images/collections'
import { loadTrail, setCurrentImage as setCurrent } from '@/lib/images/current'
import { deleteImages as deleteAll } from '@/lib/images/delete'
import { describeImage as describe } from '@/lib/images/describe'
import { ok, type Result, refuse } from '@/lib/images/errors'
import { listGallery, pageSize, toGalleryPage } from '@/lib/images/gallery'
import { recropImage as recrop } from '@/lib/images/recrop'
import { saveImage as save } from '@/lib/images/save'
import {
  AltText,
  type DeleteAnswer,
  DeleteRequest,
  type GalleryPage,
  ImageId,
  parseInput,
  type Recropped,
  type SavedImage,
  SaveRequest,
  StartUpload,
  type UploadTicket,
} from '@/lib/images/schema'
import { startUpload as start } from '@/lib/images/upload'
import { clearSession, writeSession } from '@/lib/session/cookie'
import { requireWriter } from '@/lib/session/current-user'
import { createGuest } from '@/lib/session/guest'
import { requireOwnOrigin } from '@/lib/session/origin'
import type { User } from '@/lib/session/user'
import { guard } from './edge'
import { eraseAfterResponse } from './schedule-cleanup'

/** Signs in as a new guest. */
export async function signInAsGuest(): Promise<Result<null>> {
  return guard('signInAsGuest', async () => {
    const origin = await requireOwnOrigin()
    if (origin.ok) await writeSession(createGuest())
    return origin
  })
}

/** Signs out in this browser. */
export async function signOut(): Promise<Result<null>> {
  return guard('signOut', async () => {
    const origin = await requireOwnOrigin()
    if (origin.ok) await clearSession()
    return origin
  })
}

/** Step 1: issues an upload. */
export async function startUpload(input: StartUpload): Promise<Result<UploadTicket>> {
  return asWriter('startUpload', StartUpload, input, start)
}

/** Step 3: saves a crop. */
export async function saveImage(input: SaveRequest): Promise<Result<SavedImage>> {
  return asWriter('saveImage', SaveRequest, input, save)
}

/** A page of the gallery: the first one, or what follows. */
export async function listImages(input: { collection: string; cursor: string | null }): Promise<Result<GalleryPage>> {
  const Input = z.strictObject({ collection: z.string(), cursor: z.string().max(2048).nullable() })
  return asWriter('listImages', Input, input, async (user, { collection: name, cursor }) => {
    const collection = findCollection(name)
    if (!collection) return refuse('not_found')
    const gallery = await listGallery(user, collection, loadTrail(user, collection), {
      cursor,
      limit: pageSize.standard,
    })
    return gallery.ok ? ok(toGalleryPage(gallery.value)) : gallery
  })
}

/** Makes a saved picture the current one, or none. */
export async function setCurrentImage(input: { collection: string; imageId: string | null }): Promise<Result<null>> {
  const Input = z.strictObject({ collection: z.string(), imageId: ImageId.nullable() })
  return asWriter('setCurrentImage', Input, input, async (user, { collection: name, imageId }) => {
    const collection = findCollection(name)
    return collection ? withoutValue(await setCurrent(user, collection, imageId)) : refuse('not_found')
  })
}

/** Starts a new upload from a kept original. */
export async function recropImage(input: { imageId: string }): Promise<Result<Recropped>> {
  return asWriter('recropImage', z.strictObject({ imageId: ImageId }), input, (user, { imageId }) =>
    recrop(user, imageId),
  )
}

/** Deletes images. */
export async function deleteImages(input: DeleteRequest): Promise<Result<DeleteAnswer>> {
  return asWriter('deleteImages', DeleteRequest, input, async (user, { imageIds }) => {
    const { deleted, failed, rest } = await deleteAll(user, imageIds)
    eraseAfterResponse(rest)
    return ok({ deleted, failed })
  })
}

/** Describes a picture for those who cannot see it. */
export async function describeImage(input: { imageId: string; alt: string }): Promise<Result<null>> {
  const Input = z.strictObject({ imageId: ImageId, alt: AltText })
  return asWriter('describeImage', Input, input, async (user, { imageId, alt }) =>
    withoutValue(await describe(user, imageId, alt)),
  )
}

function withoutValue(result: Result<unknown>): Result<null> {
  return result.ok ? ok(null) : result
}

/** Origin, session, input, then the work: in this order, in every action (security S26, S9, S30). */
async function asWriter<I, O>(
  name: string,
  schema: z.ZodType<I>,
  input: unknown,
  work: (user: User, input: I) => Promise<Result<O>>,
): Promise<Result<O>> {
  return guard(name, async () => {
    const user = await requireWriter()
    if (!user.ok) return user
    const parsed = parseInput(schema, input)
    return parsed.ok ? work(user.value, parsed.value) : parsed
  })
}
