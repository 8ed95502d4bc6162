import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect } from '@/e2e/test'
import type { SavedImage } from '@/lib/images/schema'
import { ApiClient } from '@/tools/testing/api-client'
import { readJson } from '@/tools/testing/http'
import { fakeClock, faketimeLibrary } from './fake-clock'
import { type ThreeHosts, test } from './three-hosts'

// The concurrency guarantees of lib/images/*.contract.test.ts, on processes that share only the store.

const origins = ({ hosts }: ThreeHosts) => hosts.map(({ origin }) => origin) as [string, string, string]

/** Returns the three hosts in turn. */
const inTurn = (stack: ThreeHosts, at: number) => origins(stack)[at % 3] as string

/** Expects the same complete gallery on every host. @returns all image ids, and the current ones */
async function look(stack: ThreeHosts, person: ApiClient): Promise<{ images: string[]; current: string[] }> {
  const [seen, ...others] = await Promise.all(origins(stack).map((host) => person.at(host).gallery()))
  const images = seen as SavedImage[]
  const names = (gallery: SavedImage[]) => gallery.map(({ imageId, cropId, current }) => [imageId, cropId, current])
  for (const other of others) expect(names(other)).toEqual(names(images))
  for (const { variants, original } of images) {
    for (const { url } of variants) expect((await fetch(url)).status).toBe(200)
    if (original) expect((await fetch(original.url)).status).toBe(200)
  }
  return {
    images: images.map(({ imageId }) => imageId),
    current: images.filter(({ current }) => current).map(({ imageId }) => imageId),
  }
}

type Crop = { uploadId: string; cropId: string }

const upload = async (person: ApiClient, host: string) => person.at(host).upload(await portrait())

const crop = (person: ApiClient, host: string, uploadId: string, x?: number) =>
  person.at(host).crop({ uploadId, area: portraitArea(x) })

const save = (person: ApiClient, host: string, { uploadId, cropId }: Crop, seen?: string | null) =>
  person.at(host).send('POST', '/api/images', { uploadId, cropId, seen })

test('the same save, sent 20 times at once to all hosts, gives one image', async ({ stack }) => {
  const person = await ApiClient.signIn({ origin: stack.origin })
  const [first, second] = origins(stack)
  const older = await crop(person, second, await upload(person, first))
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(201))
  const saved = answers.map((answer) => readJson<SavedImage>(answer))
  expect(new Set(saved.map(({ imageId, cropId, current }) => `${imageId} ${cropId} ${current}`)).size).toBe(1)
  const olderId = saved[0]?.imageId as string
  expect(await look(stack, person)).toEqual({ images: [olderId], current: [olderId] })

  // After a newer save is acknowledged, the old one is retried 20 more times.
  const newer = await crop(person, first, await upload(person, second))
  const { imageId: newerId, current } = await person.at(second).save(newer)
  expect(current).toBe(true)
  const late = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(late.map((answer) => answer.status)).toEqual(Array(20).fill(201))
  expect(await look(stack, person)).toEqual({ images: [newerId, olderId], current: [newerId] })
})

test('two crops of one upload, each saved by a double click, are two images', async ({ stack }) => {
  const person = await ApiClient.signIn({ origin: stack.origin })
  for (let round = 0; round < 5; round += 1) {
    const uploadId = await upload(person, inTurn(stack, round))
    const crops = await Promise.all([20, 60].map((x, at) => crop(person, inTurn(stack, round + at), uploadId, x)))
    const clicks = [...crops, ...crops].map((made, at) => save(person, inTurn(stack, round + at), made))
    const answers = await Promise.all(clicks)
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201])
    const [one, two, ...again] = answers.map((answer) => readJson<SavedImage>(answer))
    expect(one?.imageId).not.toBe(two?.imageId)
    expect(again.map(({ imageId }) => imageId)).toEqual([one?.imageId, two?.imageId])
    expect([one?.uploadId, two?.uploadId]).toEqual([uploadId, uploadId])
    const { images, current } = await look(stack, person)
    expect(images).toHaveLength(2 * (round + 1))
    expect(images.slice(0, 2).toSorted()).toEqual([one?.imageId, two?.imageId].toSorted())
    expect(current).toHaveLength(1)
    expect(images.slice(0, 2)).toContain(current[0])
  }
})

test('an image deleted during repeated saves stays deleted', async ({ stack }) => {
  const person = await ApiClient.signIn({ origin: stack.origin })
  for (let round = 0; round < 6; round += 1) {
    const made = await crop(person, inTurn(stack, round), await upload(person, inTurn(stack, round + 1)))
    const { imageId } = await person.at(inTurn(stack, round)).save(made)
    const path = `/api/images/${imageId}`
    const saving = [0, 1, 2].map((at) => save(person, inTurn(stack, at), made))
    const [deleted, ...saves] = await Promise.all([person.at(inTurn(stack, round)).send('DELETE', path), ...saving])
    expect(deleted.status).toBe(204)
    for (const answer of saves) {
      if (answer.status !== 201)
        expect([answer.status, readJson<{ code: string }>(answer).code]).toEqual([409, 'deleted'])
    }
    expect(await look(stack, person)).toEqual({ images: [], current: [] })
    const late = await save(person, inTurn(stack, round + 1), made)
    expect([late.status, readJson<{ code: string }>(late).code]).toEqual([409, 'deleted'])
    expect((await person.at(inTurn(stack, round)).send('DELETE', path)).status).toBe(204)
    expect(await look(stack, person)).toEqual({ images: [], current: [] })
  }
})

test.describe('hosts with clocks that drift ten minutes apart', () => {
  test.skip(!faketimeLibrary && !process.env.CI, 'faketime is not installed on this machine')

  test('keep every save, and the latest save is current', async ({ stack }) => {
    test.setTimeout(300_000)
    expect(faketimeLibrary, 'faketime is not installed').toBeTruthy()
    const clocks = await mkdtemp(join(tmpdir(), 'clocks-'))
    const clockOf = (name: string) => join(clocks, name)
    const drift = (offsets: number[]) =>
      Promise.all(
        stack.hosts.map(({ name }, at) => {
          const offset = offsets[at] ?? 0
          return writeFile(clockOf(name), `${offset < 0 ? '' : '+'}${offset}`)
        }),
      )
    await drift([0, 0, 0])
    for (const { name } of stack.hosts) {
      stack.set(name, fakeClock(clockOf(name)))
      await stack.restartHost(name)
    }
    const person = await ApiClient.signIn({ origin: stack.origin })
    const saved: string[] = []
    for (const [round, offsets] of [
      [0, 0, 0],
      [-300, 0, 300],
      [300, 0, -300],
      [600, -600, 0],
      [0, 0, 0],
    ].entries()) {
      await drift(offsets)
      // Wait until each host reports the new time. Node updates its Date header once a second.
      for (const [at, host] of origins(stack).entries()) {
        const offBy = async () => {
          const { date = '' } = (await person.at(host).send('GET', '/livez')).headers
          return Math.abs((Date.parse(date) - Date.now()) / 1000 - (offsets[at] as number))
        }
        await expect.poll(offBy).toBeLessThan(60)
      }
      // Upload on one host, crop on the second, save on the third, in every order.
      for (let at = 0; at < 3; at += 1) {
        const uploadId = await upload(person, inTurn(stack, at))
        const made = await crop(person, inTurn(stack, at + 1), uploadId)
        const answer = await person.at(inTurn(stack, at + 2)).save(made)
        expect(answer, `round ${round}, ${offsets}`).toMatchObject({ uploadId, current: true })
        saved.unshift(answer.imageId)
        expect(await look(stack, person)).toMatchObject({ current: [answer.imageId] })
      }
    }
    expect((await look(stack, person)).images.toSorted()).toEqual(saved.toSorted())
    expect((await readdir(clocks)).length).toBe(3)
    for (const { name } of stack.hosts) {
      stack.set(name, {})
      await stack.restartHost(name)
    }
    await rm(clocks, { recursive: true })
  })
})
