import { performance } from 'node:perf_hooks'
import { squareArea } from './crops'
import type { Family } from './figure'
import { type Person, signIn } from './person'
import type { Photo } from './photos'
import { median, spread } from './rounds'

const photo: Photo = { megapixels: 12, format: 'jpg' }
const steps = ['issue', 'post', 'crop', 'save'] as const

/** How long each step of a journey took, in milliseconds. */
export type StepTimes = Record<(typeof steps)[number], number>

/**
 * All three steps by API, with a 12 MP photo.
 * @param nextPort the host that is asked next
 * @param index numbers the crops, so that each is of another area
 */
export async function makeJourney(person: Person, nextPort: () => number, index: number): Promise<StepTimes> {
  const times: StepTimes = { issue: 0, post: 0, crop: 0, save: 0 }
  const timed = async <T>(step: keyof StepTimes, work: Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    const result = await work
    times[step] = performance.now() - startedAt
    return result
  }
  const ticket = await timed('issue', person.issue(nextPort(), photo))
  await timed('post', person.send(ticket, photo))
  const crop = await timed('crop', person.crop(nextPort(), ticket.uploadId, squareArea(photo, index)))
  await timed('save', person.save(nextPort(), crop))
  return times
}

/** One journey after the other, on one host. */
export const journey: Family = {
  name: 'journey',
  figures: [
    {
      name: 'journey',
      unit: 'ms',
      goal: null,
      better: 'lower',
      about: 'a whole journey by API, 12 MP: issue, post, crop, save',
    },
    ...steps.map((step) => ({
      name: `journey-${step}`,
      unit: '%',
      goal: null,
      better: 'lower' as const,
      about: `the share of ${step} in it`,
    })),
  ],
  async run(bench) {
    const host = await bench.host()
    const { origin } = await bench.site()
    const person = await signIn(host.port, origin)
    const journeys: StepTimes[] = []
    const count = bench.rounds * bench.amount(3, 2)
    for (let index = 0; index <= count; index += 1) {
      bench.onRound()
      const made = await makeJourney(person, () => host.port, index)
      // The first one warms up.
      if (index > 0) journeys.push(made)
    }
    const wholes = journeys.map((times) => steps.reduce((sum, step) => sum + times[step], 0))
    const whole = median(wholes)
    const shares = steps.map((step) => {
      const each = median(journeys.map((times) => times[step]))
      const share = journeys.map((times, index) => (100 * times[step]) / (wholes[index] as number))
      return { name: `journey-${step}`, value: median(share), spread: spread(share), note: `${each.toFixed(0)} ms` }
    })
    return [{ name: 'journey', value: whole, spread: spread(wholes), note: `${count} journeys` }, ...shares]
  },
}
