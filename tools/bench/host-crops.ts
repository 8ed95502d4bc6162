import pMap from 'p-map'
import type { Area } from '@/lib/images/schema'
import type { ApiClient } from '@/tools/testing/api-client'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { squareArea } from './crops'
import { cropWhenFree, signIn } from './person'
import { type Photo, photoUpload } from './photos'
import { type Sample, takeSample } from './rounds'
import type { Host } from './site'
import { times } from './times'

/** A crop that can start: its upload is in the store. */
export interface ReadyCrop {
  person: ApiClient
  uploadId: string
  area: Area
}

/**
 * Uploads one file for each crop. As many new guests take turns as crops run at once, since a host limits each person.
 * @param start number of the first crop, so that each crop has another area
 */
export async function uploadAhead(options: {
  host: Host
  origin: string
  photos: readonly Photo[]
  start: number
  concurrency: number
}): Promise<ReadyCrop[]> {
  const { host, origin, photos, start, concurrency } = options
  const people = await Promise.all(times(concurrency, () => signIn(host.url, origin)))
  const upload = async (photo: Photo, index: number) => {
    const person = people[index % people.length] as ApiClient
    return { person, uploadId: await person.upload(await photoUpload(photo)), area: squareArea(photo, start + index) }
  }
  return pMap(photos, upload, { concurrency: 4 })
}

/** Requests crops from a host. @returns the CPU time of the host and the time that passed */
export function cropByHost(options: { host: Host; crops: readonly ReadyCrop[]; concurrency: number }): Promise<Sample> {
  const { host, crops, concurrency } = options
  const crop = ({ person, uploadId, area }: ReadyCrop) => cropWhenFree(person, { uploadId, area })
  return takeSample(crops, crop, { cpuMs: () => cpuMsOf(host.pid), concurrency })
}
