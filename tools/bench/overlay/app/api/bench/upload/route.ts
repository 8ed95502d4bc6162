import { findCollection } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { createUploadId } from '@/lib/images/storage/ids'
import { keys } from '@/lib/images/storage/keys'
import { putObject } from '@/lib/s3/objects'
import { requireWriter } from '@/lib/session/current-user'

/** Accepts an upload through the host. The app itself never does this. */
export async function POST(request: Request): Promise<Response> {
  const user = await requireWriter()
  const collection = findCollection('avatars')
  if (!user.ok || !collection) return new Response(null, { status: 401 })
  const { uid } = user.value
  const bucket = bucketOf(collection)
  const uploadId = createUploadId(uid, collection, bucket.clock.now())
  const bytes = new Uint8Array(await request.arrayBuffer())
  await putObject(bucket, keys.upload(uid, uploadId), bytes, { contentType: 'image/jpeg' })
  return Response.json({ uploadId }, { status: 201 })
}
