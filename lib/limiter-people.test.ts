import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLimiter, type Limiter, LimiterFull } from './limiter'

const memoryBytes = 100

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const now = () => performance.now() / 1000

/** Runs a job that takes so many seconds. @returns when it started, or `retryAfterSeconds` of a full limiter */
async function run(limiter: Limiter, person: string, seconds: number): Promise<{ startedAt: number } | number> {
  try {
    return await limiter.run(person, async () => {
      const startedAt = now()
      await wait(seconds)
      return { startedAt }
    })
  } catch (error) {
    if (error instanceof LimiterFull) return error.retryAfterSeconds
    throw error
  }
}

/** Creates a limiter that has only seen jobs of this length. */
async function createSeasoned(seconds: number, limits: { concurrency: number; queue: number }): Promise<Limiter> {
  const limiter = createLimiter({ ...limits, perPerson: 2, memoryBytes, timeoutMs: 600_000 })
  for (let time = 0; time < 60; time += 1) {
    const done = run(limiter, 'early', seconds)
    await pass(seconds)
    await done
  }
  return limiter
}

describe('S18: the places of one person', () => {
  test('are two at most, running or waiting; the next job is rejected at once', async () => {
    const limiter = await createSeasoned(1, { concurrency: 1, queue: 10 })
    const accepted = [run(limiter, 'ann', 1), run(limiter, 'ann', 1)]
    expect(await run(limiter, 'ann', 1)).toBeTypeOf('number')
    expect(limiter.counts()).toMatchObject({ running: 1, waiting: 1 })
    await pass(1)
    accepted.push(run(limiter, 'ann', 1))
    await pass(2)
    for (const job of await Promise.all(accepted)) expect(job).toMatchObject({ startedAt: expect.any(Number) })
  })

  test('leave room for others, however many jobs the person sends', async () => {
    const limiter = await createSeasoned(1, { concurrency: 2, queue: 32 })
    const begin = now()
    let isAttacking = true
    // Each of 130 clients sends the next job as soon as it has an answer.
    const attack = Array.from({ length: 130 }, async () => {
      while (isAttacking) {
        if (typeof (await run(limiter, 'mallory', 1)) === 'number') await wait(0.2)
      }
    })
    const others = Array.from({ length: 20 }, (_, at) => run(limiter, `guest ${at}`, 1))
    await pass(15)
    isAttacking = false
    await pass(5)
    await Promise.all(attack)
    const starts = (await Promise.all(others)).map((job) => (job as { startedAt: number }).startedAt - begin)
    // Two at a time. Only mallory's first two were before them.
    expect(starts.map(Math.round)).toEqual(Array.from({ length: 20 }, (_, at) => 1 + Math.floor(at / 2)))
  })

  test('are free again when the person leaves the queue', async () => {
    const limiter = await createSeasoned(1, { concurrency: 1, queue: 10 })
    const first = run(limiter, 'ann', 1)
    const controller = new AbortController()
    const second = limiter.run('ann', async () => 'never', controller.signal)
    controller.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    const third = run(limiter, 'ann', 1)
    await pass(2)
    expect(await Promise.all([first, third])).toMatchObject([{}, {}])
  })
})

describe('S18: the retry time', () => {
  test('of a person with two jobs is when the first of them ends', async () => {
    const limiter = await createSeasoned(8, { concurrency: 1, queue: 10 })
    const jobs = [run(limiter, 'ann', 8)]
    await pass(3)
    jobs.push(run(limiter, 'ben', 8), run(limiter, 'ben', 8), run(limiter, 'ann', 8))
    expect(await run(limiter, 'ann', 8)).toBe(5)
    expect(await run(limiter, 'ben', 8)).toBe(13)
    await pass(40)
    await Promise.all(jobs)
  })

  test('of a full queue is when a place is free that was not promised to another person', async () => {
    const limiter = await createSeasoned(4, { concurrency: 2, queue: 4 })
    const jobs = Array.from({ length: 6 }, (_, at) => run(limiter, `guest ${at}`, 4))
    await pass(1)
    for (const expected of [3, 3, 7, 7, 11]) {
      expect(await run(limiter, `late ${expected} ${Math.random()}`, 4)).toBe(expected)
    }
    // The same person again gets no second place.
    expect(await run(limiter, 'again', 4)).toBe(11)
    expect(await run(limiter, 'again', 4)).toBe(11)
    await pass(12)
    await Promise.all(jobs)
  })

  test.each([
    ['is 1 s at least', 0.001, 0, 1],
    ['is 30 s at most', 60, 0, 30],
    ['grows while a job takes longer than others', 2.1, 7, 5],
  ])('%s', async (_name, usual, overdue, expected) => {
    const limiter = await createSeasoned(usual, { concurrency: 1, queue: 0 })
    const job = run(limiter, 'ann', 60)
    await pass(overdue)
    expect(await run(limiter, 'ben', 60)).toBe(expected)
    await pass(60)
    await job
  })

  test('of a crowd is near the time until each person has a place', async () => {
    const limiter = await createSeasoned(3, { concurrency: 2, queue: 4 })
    const people: { retryAfter: number[]; waited: number }[] = []
    const crowd = Array.from({ length: 24 }, async (_, at) => {
      const begin = now()
      const retryAfter: number[] = []
      for (;;) {
        const job = run(limiter, `guest ${at}`, 2 + (at % 3))
        const answer = await Promise.race([job, wait(0)])
        if (typeof answer !== 'number') {
          people.push({ retryAfter, waited: now() - begin })
          return job
        }
        retryAfter.push(answer)
        await wait(answer)
      }
    })
    await pass(90)
    await Promise.all(crowd)
    const rejected = people.filter(({ retryAfter }) => retryAfter.length > 0)
    expect([people.length, rejected.length]).toEqual([24, 18])
    // Not everyone at the same moment.
    expect(new Set(rejected.map(({ retryAfter }) => retryAfter[0])).size).toBeGreaterThanOrEqual(8)
    // The jobs take a second more or less than expected, so a few people come too early.
    expect(rejected.filter(({ retryAfter }) => retryAfter.length === 1).length).toBeGreaterThanOrEqual(9)
    for (const { retryAfter, waited } of rejected) expect(waited - (retryAfter[0] as number)).toBeLessThanOrEqual(3)
  })
})
