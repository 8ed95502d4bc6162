import { performance } from 'node:perf_hooks'
import type { Area } from '@/lib/images/schema'
import { runAtOnce } from './at-once'
import { squareArea } from './crops'
import { type Person, signIn } from './person'
import type { Photo } from './photos'
import { cpuMsOf } from './process-stat'
import type { Sample } from './rounds'
import type { Host } from './site'

/** A crop that can be requested: its upload is in the store. */
export interface ReadyCrop {
  person: Person
  uploadId: string
  area: Area
}

/**
 * Uploads one file for each crop, as a new guest.
 * @param start numbers the crops, so that each is of another area
 */
export async function uploadAhead(options: {
  host: Host
  origin: string
  photos: readonly Photo[]
  start: number
}): Promise<ReadyCrop[]> {
  const { host, origin, photos, start } = options
  const person = await signIn(host.port, origin)
  return runAtOnce(
    4,
    photos.map((photo, index) => async () => ({
      person,
      uploadId: await person.upload(host.port, photo),
      area: squareArea(photo, start + index),
    })),
  )
}

/** Requests the crops from a host. @returns what they cost its process */
export async function cropByHost(options: {
  host: Host
  crops: readonly ReadyCrop[]
  atOnce: number
}): Promise<Sample> {
  const { host, crops, atOnce } = options
  const startedAt = performance.now()
  const cpuBefore = cpuMsOf(host.pid)
  await runAtOnce(
    atOnce,
    crops.map(
      ({ person, uploadId, area }) =>
        () =>
          person.crop(host.port, uploadId, area),
    ),
  )
  return { count: crops.length, cpuMs: cpuMsOf(host.pid) - cpuBefore, wallMs: performance.now() - startedAt }
}
