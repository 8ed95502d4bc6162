import { randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { ApiClient, UploadFile } from '@/tools/testing/api-client'
import type { Ids } from './table'

const area = { x: 0, y: 0, width: 300, height: 300 }

/** Gives a person two images and a draft. */
export async function fillGallery(client: ApiClient, photo: UploadFile): Promise<Ids> {
  const save = async () => {
    const uploadId = await client.upload(photo)
    const { cropId } = await client.crop({ uploadId, area })
    return (await client.save({ uploadId, cropId })).imageId
  }
  const [imageId, otherId] = [await save(), await save()]
  const uploadId = await client.upload(photo)
  const { cropId } = await client.crop({ uploadId, area })
  return { uploadId, cropId, imageId, otherId }
}

/** Returns ids of the same form that never existed. */
export function unknownIds(ids: Ids): Ids {
  // The first letter of uploads and images is their collection.
  const like = (id: string) => id.slice(0, 1) + toBase32(randomBytes(30)).slice(0, id.length - 1)
  return {
    uploadId: like(ids.uploadId),
    cropId: toBase32(randomBytes(20)),
    imageId: like(ids.imageId),
    otherId: like(ids.otherId),
  }
}
