import { performance } from 'node:perf_hooks'
import { type ApiClient, sendFile } from '@/tools/testing/api-client'
import { squareArea } from './crops'
import { type Family, lowerIsBetter } from './figure'
import { cropWhenFree, signIn } from './person'
import { type Photo, photoUpload } from './photos'
import { median, spread } from './rounds'

const photo: Photo = { megapixels: 12, format: 'jpg' }
const steps = ['issue', 'post', 'crop', 'save'] as const

/** The duration of each step of a journey, in milliseconds. */
export type StepTimes = Record<(typeof steps)[number], number>

/**
 * Uploads, crops and saves a photo of 12 MP by API.
 * @param nextHost returns the URL of the host for the next request
 * @param index number of the crop, so that each crop has another area
 */
export async function makeJourney(person: ApiClient, nextHost: () => string, index: number): Promise<StepTimes> {
  const times: StepTimes = { issue: 0, post: 0, crop: 0, save: 0 }
  const timed = async <T>(step: keyof StepTimes, work: Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    const result = await work
    times[step] = performance.now() - startedAt
    return result
  }
  const file = await photoUpload(photo)
  const wanted = { collection: 'avatars', contentType: file.mimeType, size: file.buffer.length }
  const ticket = await timed('issue', person.at(nextHost()).issue(wanted))
  await timed('post', sendFile(ticket, file))
  const { uploadId } = ticket
  const area = squareArea(photo, index)
  const { cropId } = await timed('crop', cropWhenFree(person.at(nextHost()), { uploadId, area }))
  await timed('save', person.at(nextHost()).save({ uploadId, cropId }))
  return times
}

/** Whole journeys, one after another, on one host. */
export const journey: Family = {
  name: 'journey',
  figures: [
    lowerIsBetter('journey', 'ms', null, 'a whole journey by API, 12 MP: issue, post, crop, save'),
    ...steps.map((step) => lowerIsBetter(`journey-${step}`, '%', null, `the share of ${step} in it`)),
  ],
  async run(bench) {
    const host = await bench.host()
    const { origin } = await bench.site()
    const person = await signIn(host.url, origin)
    const journeys: StepTimes[] = []
    const count = bench.rounds * bench.amount(3, 2)
    for (let index = 0; index <= count; index += 1) {
      bench.onRound()
      const times = await makeJourney(person, () => host.url, index)
      // The first journey warms up.
      if (index > 0) journeys.push(times)
    }
    const totals = journeys.map((times) => steps.reduce((sum, step) => sum + times[step], 0))
    const shares = steps.map((step) => {
      const stepMs = median(journeys.map((times) => times[step]))
      const share = journeys.map((times, index) => (100 * times[step]) / (totals[index] as number))
      return { name: `journey-${step}`, value: median(share), spread: spread(share), note: `${stepMs.toFixed(0)} ms` }
    })
    return [{ name: 'journey', value: median(totals), spread: spread(totals), note: `${count} journeys` }, ...shares]
  },
}
