import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@/e2e/test'
import type { SavedImage } from '@/lib/images/schema'
import { ApiPerson } from './api-person'
import { fakeClock, faketimeLibrary } from './fake-clock'
import { type ThreeHosts, test } from './three-hosts'

// What the flows promise at the same moment (lib/images/*.contract.test.ts), on processes that share the store alone.

const origins = ({ hosts }: ThreeHosts) => hosts.map(({ origin }) => origin) as [string, string, string]

/** The three hosts in turn. */
const inTurn = (stack: ThreeHosts, at: number) => origins(stack)[at % 3] as string

/** What a person sees, the same on every host: what is there is whole, and the pictures that are current. */
async function look(stack: ThreeHosts, person: ApiPerson): Promise<{ images: string[]; current: string[] }> {
  const [seen, ...others] = await Promise.all(origins(stack).map((host) => person.gallery(host)))
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

const save = (person: ApiPerson, host: string, crop: { uploadId: string; cropId: string }, seen?: string | null) =>
  person.send(host, 'POST', '/api/images', {
    uploadId: crop.uploadId,
    cropId: crop.cropId,
    ...(seen !== undefined && { seen }),
  })

test('a save repeated twenty times at once over all hosts is one image and one answer', async ({
  stack,
  playwright,
}) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  const [first, second] = origins(stack)
  const older = await person.crop(second, await person.upload(first))
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(answers.map((answer) => answer.status())).toEqual(Array(20).fill(201))
  const saved: SavedImage[] = await Promise.all(answers.map((answer) => answer.json()))
  expect(new Set(saved.map(({ imageId, cropId, current }) => `${imageId} ${cropId} ${current}`)).size).toBe(1)
  const olderId = saved[0]?.imageId as string
  expect(await look(stack, person)).toEqual({ images: [olderId], current: [olderId] })

  // A newer one, acknowledged; then the old one comes late, twenty times more.
  const newer = await person.crop(first, await person.upload(second))
  const { imageId: newerId, current } = await person.save(second, newer)
  expect(current).toBe(true)
  const late = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(late.map((answer) => answer.status())).toEqual(Array(20).fill(201))
  expect(await look(stack, person)).toEqual({ images: [newerId, olderId], current: [newerId] })
  await person.dispose()
})

test('two tabs that crop one upload differently, each with a double click, save two images', async ({
  stack,
  playwright,
}) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  for (let round = 0; round < 5; round += 1) {
    const uploadId = await person.upload(inTurn(stack, round))
    const crops = await Promise.all([20, 60].map((x, at) => person.crop(inTurn(stack, round + at), uploadId, x)))
    const clicks = [...crops, ...crops].map((crop, at) => save(person, inTurn(stack, round + at), crop))
    const answers = await Promise.all(clicks)
    expect(answers.map((answer) => answer.status())).toEqual([201, 201, 201, 201])
    const [one, two, ...again]: SavedImage[] = await Promise.all(answers.map((answer) => answer.json()))
    expect(one?.imageId).not.toBe(two?.imageId)
    expect(again.map(({ imageId }) => imageId)).toEqual([one?.imageId, two?.imageId])
    expect([one?.uploadId, two?.uploadId]).toEqual([uploadId, uploadId])
    const { images, current } = await look(stack, person)
    expect(images).toHaveLength(2 * (round + 1))
    expect(images.slice(0, 2).toSorted()).toEqual([one?.imageId, two?.imageId].toSorted())
    expect(current).toHaveLength(1)
    expect(images.slice(0, 2)).toContain(current[0])
  }
  await person.dispose()
})

test('deleting while a save is repeated: the image is gone, and stays gone', async ({ stack, playwright }) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  for (let round = 0; round < 6; round += 1) {
    const crop = await person.crop(inTurn(stack, round), await person.upload(inTurn(stack, round + 1)))
    const { imageId } = await person.save(inTurn(stack, round), crop)
    const path = `/api/images/${imageId}`
    const saving = [0, 1, 2].map((at) => save(person, inTurn(stack, at), crop))
    const [deleted, ...saves] = await Promise.all([person.send(inTurn(stack, round), 'DELETE', path), ...saving])
    expect(deleted.status()).toBe(204)
    for (const answer of saves) {
      if (answer.status() !== 201) expect([answer.status(), (await answer.json()).code]).toEqual([409, 'deleted'])
    }
    expect(await look(stack, person)).toEqual({ images: [], current: [] })
    const late = await save(person, inTurn(stack, round + 1), crop)
    expect([late.status(), (await late.json()).code]).toEqual([409, 'deleted'])
    expect((await person.send(inTurn(stack, round), 'DELETE', path)).status()).toBe(204)
    expect(await look(stack, person)).toEqual({ images: [], current: [] })
  }
  await person.dispose()
})

test.describe('hosts whose clocks drift ten minutes apart', () => {
  test.skip(!faketimeLibrary && !process.env.CI, 'faketime is not installed on this machine')

  test('after their start: all that is saved is there, and the newer save is current', async ({
    stack,
    playwright,
  }) => {
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
    const person = await ApiPerson.signIn(playwright, stack.origin)
    const saved: string[] = []
    for (const [round, offsets] of [
      [0, 0, 0],
      [-300, 0, 300],
      [300, 0, -300],
      [600, -600, 0],
      [0, 0, 0],
    ].entries()) {
      await drift(offsets)
      // The hosts believe it, else nothing is shown here; Node makes the text of a date once a second.
      for (const [at, host] of origins(stack).entries()) {
        const offBy = async () => {
          const { date = '' } = (await person.send(host, 'GET', '/livez')).headers()
          return Math.abs((Date.parse(date) - Date.now()) / 1000 - (offsets[at] as number))
        }
        await expect.poll(offBy).toBeLessThan(60)
      }
      // Uploaded at one host, cropped at the second, saved at the third; each is each in its turn.
      for (let at = 0; at < 3; at += 1) {
        const uploadId = await person.upload(inTurn(stack, at))
        const crop = await person.crop(inTurn(stack, at + 1), uploadId)
        const answer = await person.save(inTurn(stack, at + 2), crop)
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
    await person.dispose()
  })
})
