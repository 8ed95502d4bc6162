import { afterAll, beforeAll, expect } from 'vitest'
import { type Host, startWorld, type World } from './world'

/** One world with two hosts, for all tests of the file that imports it. */
export let world: World
export let host: Host
export let other: Host

beforeAll(async () => {
  world = await startWorld()
  host = await world.startHost()
  other = await world.startHost()
})

afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.end()
})
