import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLimiter, LimiterFull } from './limiter'

const memoryBytes = 100
/** No limit in these tests, where one person has all jobs. */
const perPerson = 100
const timeoutMs = 600_000

/** Waits until all unblocked jobs have continued. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** Creates jobs that run until `endOne`, and records their starts and how many ran at once. */
function createJobs() {
  const ends: (() => void)[] = []
  const seen = { running: 0, most: 0, started: [] as number[] }
  const job = (number: number) => async () => {
    seen.started.push(number)
    seen.running += 1
    seen.most = Math.max(seen.most, seen.running)
    await new Promise<void>((resolve) => ends.push(resolve))
    seen.running -= 1
    return number
  }
  /** Ends the job that has run longest, and lets the next one start. */
  const endOne = async () => {
    ends.shift()?.()
    await settle()
  }
  return { job, endOne, seen }
}

test('S18: runs `concurrency` jobs at once; the others wait in order', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 2, queue: 10, perPerson, memoryBytes, timeoutMs })
  const results = [0, 1, 2, 3, 4].map((number) => limiter.run('ann', job(number)))
  await settle()
  expect(seen.started).toEqual([0, 1])
  for (let ended = 0; ended < 5; ended += 1) await endOne()
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4])
  expect(seen.started).toEqual([0, 1, 2, 3, 4])
  expect(seen.most).toBe(2)
})

test('S18: rejects a job at once when the queue is full', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 1, queue: 1, perPerson, memoryBytes, timeoutMs })
  const accepted = [limiter.run('ann', job(0)), limiter.run('ann', job(1))]
  await expect(limiter.run('ann', job(2))).rejects.toThrow(LimiterFull)
  await settle()
  await endOne()
  accepted.push(limiter.run('ann', job(3)))
  await endOne()
  await endOne()
  expect(await Promise.all(accepted)).toEqual([0, 1, 3])
  expect(seen.started).toEqual([0, 1, 3])
})

test('frees the slot of a job that fails', async () => {
  const limiter = createLimiter({ concurrency: 1, queue: 1, perPerson, memoryBytes, timeoutMs })
  const failures = [
    () => Promise.reject(new Error('late')),
    () => {
      throw new Error('at once')
    },
  ]
  for (const failure of failures) {
    await expect(limiter.run('ann', failure)).rejects.toThrow(/late|at once/)
    const waiting = [limiter.run('ann', failure), limiter.run('ann', async () => 'next')]
    await expect(waiting[0]).rejects.toThrow()
    expect(await waiting[1]).toBe('next')
  }
})

test('gives a free slot to the waiting job, not to a new one', async () => {
  const { job, endOne, seen } = createJobs()
  const limiter = createLimiter({ concurrency: 1, queue: 5, perPerson, memoryBytes, timeoutMs })
  const first = limiter.run('ann', job(0))
  const second = limiter.run('ann', job(1))
  const third = first.then(() => limiter.run('ann', job(2)))
  await settle()
  for (let ended = 0; ended < 3; ended += 1) await endOne()
  await Promise.all([first, second, third])
  expect(seen.started).toEqual([0, 1, 2])
  expect(seen.most).toBe(1)
})

describe('S18: memory', () => {
  /** Creates a limiter with many slots, and jobs that reserve memory. */
  function createMemoryJobs() {
    const limiter = createLimiter({ concurrency: 10, queue: 10, perPerson, memoryBytes, timeoutMs })
    const started: string[] = []
    const ends = new Map<string, () => void>()
    const run = (name: string, bytes: number, signal?: AbortSignal) =>
      limiter.run(
        'ann',
        async (reserve) => {
          await reserve(bytes)
          started.push(name)
          await new Promise<void>((resolve) => ends.set(name, resolve))
        },
        signal,
      )
    const end = async (name: string) => {
      ends.get(name)?.()
      await settle()
    }
    return { started, run, end }
  }

  test('runs jobs at once while their memory fits, to the last byte', async () => {
    const { started, run, end } = createMemoryJobs()
    const jobs = [run('half', 50), run('other half', 50), run('byte', 1)]
    await settle()
    expect(started).toEqual(['half', 'other half'])
    await end('half')
    expect(started).toEqual(['half', 'other half', 'byte'])
    await end('other half')
    await end('byte')
    await Promise.all(jobs)
  })

  test('throws for a job larger than the whole budget, and frees its slot', async () => {
    const { started, run, end } = createMemoryJobs()
    await expect(run('huge', 101)).rejects.toThrow(RangeError)
    const whole = run('whole', 100)
    await settle()
    expect(started).toEqual(['whole'])
    await end('whole')
    await whole
  })

  test('does not let small jobs starve a large one', async () => {
    const { started, run, end } = createMemoryJobs()
    const jobs = [run('first', 60), run('large', 60), run('small', 10)]
    await settle()
    // The small job would fit, but it came later.
    expect(started).toEqual(['first'])
    await end('first')
    expect(started).toEqual(['first', 'large', 'small'])
    await end('large')
    await end('small')
    await Promise.all(jobs)
  })

  test('continues with the next jobs when a job that waits for memory is aborted', async () => {
    const { started, run, end } = createMemoryJobs()
    const controller = new AbortController()
    const jobs = [run('first', 60), run('large', 60, controller.signal), run('small', 10)]
    const rejected = expect(jobs[1]).rejects.toThrow('gone')
    await settle()
    controller.abort(new Error('gone'))
    await settle()
    expect(started).toEqual(['first', 'small'])
    await rejected
    await end('first')
    await end('small')
    await Promise.all([jobs[0], jobs[2]])
  })

  test('frees the memory of a job that fails', async () => {
    const limiter = createLimiter({ concurrency: 2, queue: 0, perPerson, memoryBytes, timeoutMs })
    for (let time = 0; time < 3; time += 1) {
      const failing = limiter.run('ann', async (reserve) => {
        await reserve(100)
        throw new Error('broken')
      })
      await expect(failing).rejects.toThrow('broken')
    }
    expect(await limiter.run('ann', async (reserve) => reserve(100).then(() => 'done'))).toBe('done')
  })
})

describe('S18: an aborted job', () => {
  test('leaves the queue at once, and never starts', async () => {
    const { job, endOne, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 1, perPerson, memoryBytes, timeoutMs })
    const controller = new AbortController()
    const first = limiter.run('ann', job(0))
    const rejected = expect(limiter.run('ann', job(1), controller.signal)).rejects.toThrow('gone')
    await expect(limiter.run('ann', job(2))).rejects.toThrow(LimiterFull)
    controller.abort(new Error('gone'))
    await rejected
    const third = limiter.run('ann', job(3))
    await endOne()
    await endOne()
    expect(await Promise.all([first, third])).toEqual([0, 3])
    expect(seen.started).toEqual([0, 3])
  })

  test('keeps its slot while it runs, because its memory is in use', async () => {
    const { job, endOne, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 1, perPerson, memoryBytes, timeoutMs })
    const controller = new AbortController()
    const jobs = [limiter.run('ann', job(0), controller.signal), limiter.run('ann', job(1))]
    await settle()
    controller.abort()
    await settle()
    expect(seen.started).toEqual([0])
    await endOne()
    expect(seen.started).toEqual([0, 1])
    await endOne()
    expect(await Promise.all(jobs)).toEqual([0, 1])
  })

  test('never starts if it was aborted before', async () => {
    const { job, seen } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 0, perPerson, memoryBytes, timeoutMs })
    await expect(limiter.run('ann', job(0), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    expect(seen.started).toEqual([])
    expect(await limiter.run('ann', async () => 'next')).toBe('next')
  })

  test('leaves no listener on its signals', async () => {
    const limiter = createLimiter({ concurrency: 1, queue: 1, perPerson, memoryBytes, timeoutMs })
    const added = vi.spyOn(AbortSignal.prototype, 'addEventListener')
    const removed = vi.spyOn(AbortSignal.prototype, 'removeEventListener')
    const { signal } = new AbortController()
    await Promise.all([1, 2].map(() => limiter.run('ann', (reserve) => reserve(1), signal)))
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
  })
})

describe('S18: a job whose time is over', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const createTimed = () => createLimiter({ concurrency: 1, queue: 10, perPerson, memoryBytes, timeoutMs: 60_000 })
  /** Ends with the job's signal, as a download does. */
  const untilStopped = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  const full = { name: 'LimiterFull', retryAfterSeconds: expect.any(Number) }

  test('is stopped, and rejected as full', async () => {
    const limiter = createTimed()
    const rejected = expect(limiter.run('ann', (_, signal) => untilStopped(signal))).rejects.toMatchObject(full)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(limiter.counts().running).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    await rejected
    expect(limiter.counts()).toEqual({ running: 0, waiting: 0, done: 1 })
  })

  test('is rejected as full while it waits for a slot or memory', async () => {
    for (const concurrency of [1, 2]) {
      const limiter = createLimiter({ concurrency, queue: 10, perPerson, memoryBytes, timeoutMs: 60_000 })
      let end = () => {}
      const running = limiter.run('ann', async (reserve) => {
        await reserve(memoryBytes)
        await new Promise<void>((resolve) => {
          end = resolve
        })
      })
      const rejected = expect(limiter.run('ben', (reserve) => reserve(1))).rejects.toMatchObject(full)
      await vi.advanceTimersByTimeAsync(60_000)
      await rejected
      end()
      await running
    }
  })

  test('keeps its result if it ends well, and its own error before that time', async () => {
    const limiter = createTimed()
    const late = limiter.run('ann', () => new Promise((resolve) => setTimeout(resolve, 70_000, 'done')))
    await vi.advanceTimersByTimeAsync(70_000)
    expect(await late).toBe('done')
    await expect(limiter.run('ann', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is rejected with the reason of its own signal if that came first', async () => {
    const limiter = createTimed()
    const controller = new AbortController()
    const rejected = expect(limiter.run('ann', (_, signal) => untilStopped(signal), controller.signal)).rejects
    await vi.advanceTimersByTimeAsync(30_000)
    controller.abort(new Error('gone'))
    await rejected.toThrow('gone')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a closed limiter', () => {
  test('rejects waiting and new jobs, and lets running ones finish', async () => {
    const { job, endOne } = createJobs()
    const limiter = createLimiter({ concurrency: 1, queue: 10, perPerson, memoryBytes, timeoutMs })
    const [running, ...waiting] = [0, 1, 2].map((number) => limiter.run('ann', job(number)))
    await settle()
    expect(limiter.counts()).toEqual({ running: 1, waiting: 2, done: 0 })
    limiter.close()
    for (const rejected of [...waiting, limiter.run('ann', job(3))]) {
      await expect(rejected).rejects.toMatchObject({ name: 'LimiterFull', retryAfterSeconds: 1 })
    }
    await endOne()
    expect(await running).toBe(0)
    expect(limiter.counts()).toEqual({ running: 0, waiting: 0, done: 1 })
  })

  test('rejects jobs that wait for memory, and frees their slots', async () => {
    const limiter = createLimiter({ concurrency: 2, queue: 10, perPerson, memoryBytes, timeoutMs })
    const { job, endOne } = createJobs()
    const running = limiter.run('ann', async (reserve) => {
      await reserve(memoryBytes)
      return job(0)()
    })
    const waiting = limiter.run('ann', (reserve) => reserve(1))
    await settle()
    limiter.close()
    await expect(waiting).rejects.toBeInstanceOf(LimiterFull)
    expect(limiter.counts()).toMatchObject({ running: 1, done: 1 })
    await endOne()
    expect(await running).toBe(0)
  })
})
