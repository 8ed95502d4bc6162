import { describe, expect, test, vi } from 'vitest'
import { createLimiter, LimiterFull } from './limiter'

const memoryBytes = 100

/** Until all that can go on has gone on. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** Jobs that end when told to, and how many were at work at once. */
function createJobs() {
  const ends: (() => void)[] = []
  const seen = { running: 0, most: 0, begun: [] as number[] }
  const job = (number: number) => async () => {
    seen.begun.push(number)
    seen.running += 1
    seen.most = Math.max(seen.most, seen.running)
    await new Promise<void>((resolve) => ends.push(resolve))
    seen.running -= 1
    return number
  }
  /** Lets the job that has been at work longest end, and whoever waited for it come in. */
  const endOne = async () => {
    ends.shift()?.()
    await settle()
  }
  return { job, endOne, seen }
}

test('S18: at most so many jobs work at once, the others wait in order', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 2, queue: 10, memoryBytes })
  const answers = [0, 1, 2, 3, 4].map((number) => limiter.run(job(number)))
  await settle()
  expect(seen.begun).toEqual([0, 1])
  for (let ended = 0; ended < 5; ended += 1) await endOne()
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4])
  expect(seen.begun).toEqual([0, 1, 2, 3, 4])
  expect(seen.most).toBe(2)
})

test('S18: one more than may wait is refused at once, and never begins', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 1, queue: 1, memoryBytes })
  const kept = [limiter.run(job(0)), limiter.run(job(1))]
  await expect(limiter.run(job(2))).rejects.toThrow(LimiterFull)
  await settle()
  await endOne()
  kept.push(limiter.run(job(3)))
  await endOne()
  await endOne()
  expect(await Promise.all(kept)).toEqual([0, 1, 3])
  expect(seen.begun).toEqual([0, 1, 3])
})

test('a job that fails, at once or late, frees its place', async () => {
  const limiter = createLimiter({ concurrency: 1, queue: 1, memoryBytes })
  const failures = [
    () => Promise.reject(new Error('late')),
    () => {
      throw new Error('at once')
    },
  ]
  for (const failure of failures) {
    await expect(limiter.run(failure)).rejects.toThrow(/late|at once/)
    const waiting = [limiter.run(failure), limiter.run(async () => 'next')]
    await expect(waiting[0]).rejects.toThrow()
    expect(await waiting[1]).toBe('next')
  }
})

test('a place that is handed over is not taken by a newcomer', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 1, queue: 5, memoryBytes })
  const first = limiter.run(job(0))
  const second = limiter.run(job(1))
  const third = first.then(() => limiter.run(job(2)))
  await settle()
  for (let ended = 0; ended < 3; ended += 1) await endOne()
  await Promise.all([first, second, third])
  expect(seen.begun).toEqual([0, 1, 2])
  expect(seen.most).toBe(1)
})

describe('S18: by memory', () => {
  /** A limiter with room for many, and jobs that weigh something. */
  function createScales() {
    const limiter = createLimiter({ concurrency: 10, queue: 10, memoryBytes })
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    const run = (name: string, bytes: number, signal?: AbortSignal) =>
      limiter.run(async (reserve) => {
        await reserve(bytes)
        begun.push(name)
        await new Promise<void>((resolve) => ends.set(name, resolve))
      }, signal)
    const end = async (name: string) => {
      ends.get(name)?.()
      await settle()
    }
    return { begun, run, end }
  }

  test('jobs work together as long as their memory is there, to the last byte', async () => {
    const { begun, run, end } = createScales()
    const jobs = [run('half', 50), run('other half', 50), run('byte', 1)]
    await settle()
    expect(begun).toEqual(['half', 'other half'])
    await end('half')
    expect(begun).toEqual(['half', 'other half', 'byte'])
    await end('other half')
    await end('byte')
    await Promise.all(jobs)
  })

  test('a job that weighs more than there is runs all the same, and alone', async () => {
    const { begun, run, end } = createScales()
    const jobs = [run('light', 1), run('giant', 1000), run('next', 1)]
    await settle()
    expect(begun).toEqual(['light'])
    await end('light')
    expect(begun).toEqual(['light', 'giant'])
    await end('giant')
    expect(begun).toEqual(['light', 'giant', 'next'])
    await end('next')
    await Promise.all(jobs)
  })

  test('a heavy job is not passed by light ones for ever', async () => {
    const { begun, run, end } = createScales()
    const jobs = [run('first', 60), run('heavy', 60), run('light', 10)]
    await settle()
    // There would be room for the light one, but it came later.
    expect(begun).toEqual(['first'])
    await end('first')
    expect(begun).toEqual(['first', 'heavy', 'light'])
    await end('heavy')
    await end('light')
    await Promise.all(jobs)
  })

  test('whoever goes away while it waits for memory lets those behind it through', async () => {
    const { begun, run, end } = createScales()
    const leaving = new AbortController()
    const jobs = [run('first', 60), run('heavy', 60, leaving.signal), run('light', 10)]
    const left = expect(jobs[1]).rejects.toThrow('gone')
    await settle()
    leaving.abort(new Error('gone'))
    await settle()
    expect(begun).toEqual(['first', 'light'])
    await left
    await end('first')
    await end('light')
    await Promise.all([jobs[0], jobs[2]])
  })

  test('a job that fails gives its memory back', async () => {
    const limiter = createLimiter({ concurrency: 2, queue: 0, memoryBytes })
    for (let time = 0; time < 3; time += 1) {
      const failing = limiter.run(async (reserve) => {
        await reserve(100)
        throw new Error('broken')
      })
      await expect(failing).rejects.toThrow('broken')
    }
    expect(await limiter.run(async (reserve) => reserve(100).then(() => 'through'))).toBe('through')
  })
})

describe('S18: a client that goes away', () => {
  test('while it waits leaves the queue at once, its place to another, and its job never begins', async () => {
    const { job, endOne, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 1, memoryBytes })
    const leaving = new AbortController()
    const first = limiter.run(job(0))
    const left = expect(limiter.run(job(1), leaving.signal)).rejects.toThrow('gone')
    await expect(limiter.run(job(2))).rejects.toThrow(LimiterFull)
    leaving.abort(new Error('gone'))
    await left
    const third = limiter.run(job(3))
    await endOne()
    await endOne()
    expect(await Promise.all([first, third])).toEqual([0, 3])
    expect(seen.begun).toEqual([0, 3])
  })

  test('while its job works keeps the place until the job has ended: the memory is in use', async () => {
    const { job, endOne, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 1, memoryBytes })
    const leaving = new AbortController()
    const jobs = [limiter.run(job(0), leaving.signal), limiter.run(job(1))]
    await settle()
    leaving.abort()
    await settle()
    expect(seen.begun).toEqual([0])
    await endOne()
    expect(seen.begun).toEqual([0, 1])
    await endOne()
    expect(await Promise.all(jobs)).toEqual([0, 1])
  })

  test('before its job began has none', async () => {
    const { job, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 0, memoryBytes })
    await expect(limiter.run(job(0), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    expect(seen.begun).toEqual([])
    expect(await limiter.run(async () => 'next')).toBe('next')
  })

  test('leaves no listener behind when its job is through', async () => {
    const limiter = createLimiter({ concurrency: 1, queue: 1, memoryBytes })
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await Promise.all([1, 2].map(() => limiter.run((reserve) => reserve(1), signal)))
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
  })
})

describe('S18: when to try again', () => {
  /** What a full limiter says after jobs that each took so many seconds. */
  async function saidAfter(seconds: number, limits: { concurrency: number; queue: number }): Promise<number> {
    vi.useFakeTimers()
    try {
      const limiter = createLimiter({ ...limits, memoryBytes })
      const job = () => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000))
      for (let time = 0; time < 40; time += 1) {
        const done = limiter.run(job)
        await vi.advanceTimersByTimeAsync(seconds * 1000)
        await done
      }
      const full = Array.from({ length: limits.concurrency + limits.queue }, () => limiter.run(job))
      const refused = await limiter.run(job).catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(seconds * 1000 * full.length)
      await Promise.all(full)
      return (refused as LimiterFull).retryAfterSeconds
    } finally {
      vi.useRealTimers()
    }
  }

  test.each([
    ['jobs of half a second, three in the queue, one at work at a time', 0.45, { concurrency: 1, queue: 3 }, 2],
    ['the same two at a time', 0.45, { concurrency: 2, queue: 3 }, 1],
    ['jobs of two seconds, nine in the queue, two at a time', 1.9, { concurrency: 2, queue: 9 }, 10],
    ['never at once', 0.001, { concurrency: 8, queue: 1 }, 1],
    ['never later than in half a minute', 60, { concurrency: 1, queue: 10 }, 30],
  ])('%s', async (_name, seconds, limits, said) => {
    expect(await saidAfter(seconds, limits)).toBe(said)
  })
})

describe('a limiter that is closed', () => {
  test('refuses at once who waits for a place, and who comes; who is at work ends as usual', async () => {
    const { job, endOne } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 10, memoryBytes })
    const [working, ...waiting] = [0, 1, 2].map((number) => limiter.run(job(number)))
    await settle()
    expect(limiter.counts()).toEqual({ running: 1, waiting: 2, done: 0 })
    limiter.close()
    for (const refused of [...waiting, limiter.run(job(3))]) {
      await expect(refused).rejects.toMatchObject({ name: 'LimiterFull', retryAfterSeconds: 1 })
    }
    await endOne()
    expect(await working).toBe(0)
    expect(limiter.counts()).toEqual({ running: 0, waiting: 0, done: 1 })
  })

  test('refuses who waits for memory too, and its place is free', async () => {
    const limiter = createLimiter({ concurrency: 2, queue: 10, memoryBytes })
    const { job, endOne } = createJobs()
    const working = limiter.run(async (reserve) => {
      await reserve(memoryBytes)
      return job(0)()
    })
    const waiting = limiter.run((reserve) => reserve(1))
    await settle()
    limiter.close()
    await expect(waiting).rejects.toBeInstanceOf(LimiterFull)
    expect(limiter.counts()).toMatchObject({ running: 1, done: 1 })
    await endOne()
    expect(await working).toBe(0)
  })
})
