import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStoreClock } from './clock'

const start = Date.UTC(2026, 10, 22, 12, 0, 0)

/** A store whose clock is `aheadMs` ahead of the host's, and answers that take some time on their way. */
function createWorld(aheadMs: number) {
  let hostMs = start
  const clock = createStoreClock(() => hostMs)
  return {
    clock,
    storeNow: () => hostMs + aheadMs,
    pass: (ms: number) => {
      hostMs += ms
    },
    /** A request and its answer: the store stamps it in between. */
    ask: (thereMs: number, backMs: number) => {
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

test('before any answer the host is believed', () => {
  const { clock, storeNow } = createWorld(0)
  expect(clock.now()).toBe(storeNow())
})

test('one answer is enough to be within a second and the way of the answer, ten minutes off as well', () => {
  fc.assert(
    fc.property(skew, fc.nat(400), fc.nat(400), (aheadMs, thereMs, backMs) => {
      const world = createWorld(aheadMs)
      world.ask(thereMs, backMs)
      expect(Math.abs(world.clock.now() - world.storeNow())).toBeLessThanOrEqual(1000 + thereMs + backMs)
    }),
  )
})

test('more answers never make it worse', () => {
  fc.assert(
    fc.property(skew, trips, (aheadMs, asked) => {
      const world = createWorld(aheadMs)
      let off = Number.POSITIVE_INFINITY
      for (const [thereMs, backMs, restMs] of asked) {
        world.ask(thereMs, backMs)
        const nowOff = Math.abs(world.clock.now() - world.storeNow())
        expect(nowOff).toBeLessThanOrEqual(off)
        off = nowOff
        world.pass(restMs)
      }
    }),
  )
})

test('it does not jitter: from right on, no answer moves it', () => {
  fc.assert(
    fc.property(trips, (asked) => {
      const world = createWorld(0)
      for (const [thereMs, backMs, restMs] of asked) {
        world.ask(thereMs, backMs)
        expect(world.clock.offsetMs).toBe(0)
        world.pass(restMs)
      }
    }),
  )
})

test('a store that is set right by ten minutes is followed', () => {
  const world = createWorld(600_000)
  world.ask(10, 10)
  expect(world.clock.offsetMs).toBeGreaterThan(599_000)
  world.clock.observe(new Date(start).toUTCString(), start, start + 20)
  expect(Math.abs(world.clock.offsetMs)).toBeLessThanOrEqual(1000)
})

test.each(['', 'yesterday', 'NaN'])('a Date of "%s" is ignored', (date) => {
  const world = createWorld(600_000)
  world.ask(10, 10)
  const before = world.clock.offsetMs
  world.clock.observe(date, start, start + 20)
  expect(world.clock.offsetMs).toBe(before)
})
