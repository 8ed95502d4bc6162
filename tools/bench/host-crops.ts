import pMap from 'p-map'
import type { Area } from '@/lib/images/schema'
import type { ApiClient } from '@/tools/testing/api-client'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { squareArea } from './crops'
import { cropWhenFree, signIn } from './person'
import { type Photo, photoUpload } from './photos'
import { type Sample, takeSample } from './rounds'
import type { Host } from './site'

/** A crop that can start: its upload is in the store. */
export interface ReadyCrop {
  person: ApiClient
  uploadId: string
  area: Area
}

/**
 * Uploads one file for each crop, as a new guest.
 * @param start number of the first crop, so that each crop has another area
 */
export async function uploadAhead(options: {
  host: Host
  origin: string
  photos: readonly Photo[]
  start: number
}): Promise<ReadyCrop[]> {
  const { host, origin, photos, start } = options
  const person = await signIn(host.url, origin)
  const upload = async (photo: Photo, index: number) => ({
    person,
    uploadId: await person.upload(await photoUpload(photo)),
    area: squareArea(photo, start + index),
  })
  return pMap(photos, upload, { concurrency: 4 })
}

/** Requests crops from a host. @returns the CPU time of the host and the time that passed */
export function cropByHost(options: { host: Host; crops: readonly ReadyCrop[]; concurrency: number }): Promise<Sample> {
  const { host, crops, concurrency } = options
  const crop = ({ person, uploadId, area }: ReadyCrop) => cropWhenFree(person, { uploadId, area })
  return takeSample(crops, crop, { cpuMs: () => cpuMsOf(host.pid), concurrency })
}
