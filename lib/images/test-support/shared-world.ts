import { afterAll, beforeAll, expect } from 'vitest'
import { type Host, startWorld, type World } from './world'

/** A world with two hosts, shared by all tests of the importing file. */
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
