import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStoreClock } from './clock'

const start = Date.UTC(2026, 10, 22, 12, 0, 0)

/** Creates a store whose clock is `aheadMs` ahead of the host's. */
function createWorld(aheadMs: number) {
  let hostMs = start
  const clock = createStoreClock(() => hostMs)
  return {
    clock,
    storeNow: () => hostMs + aheadMs,
    pass: (ms: number) => {
      hostMs += ms
    },
    /** Sends a request. The store writes its `Date` in between. */
    request: (thereMs: number, backMs: number) => {
      const sentAt = hostMs
      hostMs += thereMs
      const date = new Date(hostMs + aheadMs).toUTCString()
      hostMs += backMs
      clock.observe(date, sentAt, hostMs)
    },
  }
}

const skew = fc.integer({ min: -3_600_000, max: 3_600_000 })
const trips = fc.array(fc.tuple(fc.nat(400), fc.nat(400), fc.nat(5_000)), { minLength: 1, maxLength: 30 })

test('equals the host time before any answer', () => {
  const { clock, storeNow } = createWorld(0)
  expect(clock.now()).toBe(storeNow())
})

test('is right within a second and the round trip after one answer', () => {
  fc.assert(
    fc.property(skew, fc.nat(400), fc.nat(400), (aheadMs, thereMs, backMs) => {
      const world = createWorld(aheadMs)
      world.request(thereMs, backMs)
      expect(Math.abs(world.clock.now() - world.storeNow())).toBeLessThanOrEqual(1000 + thereMs + backMs)
    }),
  )
})

test('never gets worse with more answers', () => {
  fc.assert(
    fc.property(skew, trips, (aheadMs, requests) => {
      const world = createWorld(aheadMs)
      let difference = Number.POSITIVE_INFINITY
      for (const [thereMs, backMs, restMs] of requests) {
        world.request(thereMs, backMs)
        const newDifference = Math.abs(world.clock.now() - world.storeNow())
        expect(newDifference).toBeLessThanOrEqual(difference)
        difference = newDifference
        world.pass(restMs)
      }
    }),
  )
})

test('does not jitter: no answer moves a right clock', () => {
  fc.assert(
    fc.property(trips, (requests) => {
      const world = createWorld(0)
      for (const [thereMs, backMs, restMs] of requests) {
        world.request(thereMs, backMs)
        expect(world.clock.offsetMs).toBe(0)
        world.pass(restMs)
      }
    }),
  )
})

test('follows a store whose clock is corrected by ten minutes', () => {
  const world = createWorld(600_000)
  world.request(10, 10)
  expect(world.clock.offsetMs).toBeGreaterThan(599_000)
  world.clock.observe(new Date(start).toUTCString(), start, start + 20)
  expect(Math.abs(world.clock.offsetMs)).toBeLessThanOrEqual(1000)
})

test.each(['', 'yesterday', 'NaN'])('ignores the Date "%s"', (date) => {
  const world = createWorld(600_000)
  world.request(10, 10)
  const before = world.clock.offsetMs
  world.clock.observe(date, start, start + 20)
  expect(world.clock.offsetMs).toBe(before)
})
