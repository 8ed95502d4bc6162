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

const save = (person: ApiPerson, host: string, crop: { imageId: string; cropId: string }, seen?: string | null) =>
  person.send(host, 'POST', '/api/images', {
    imageId: crop.imageId,
    cropId: crop.cropId,
    ...(seen !== undefined && { seen }),
  })

test('a save replayed twenty times at once over all hosts is one picture and one answer, and the newer save stands', async ({
  stack,
  playwright,
}) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  const [first, second] = origins(stack)
  const older = await person.crop(second, await person.upload(first))
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(answers.map((answer) => answer.status())).toEqual(Array(20).fill(201))
  const told: SavedImage[] = await Promise.all(answers.map((answer) => answer.json()))
  expect(new Set(told.map(({ imageId, cropId, current }) => `${imageId} ${cropId} ${current}`)).size).toBe(1)
  expect(await look(stack, person)).toEqual({ images: [older.imageId], current: [older.imageId] })

  // A newer one, acknowledged; then the old one comes late, twenty times more.
  const newer = await person.crop(first, await person.upload(second))
  expect(await person.save(second, newer)).toMatchObject({ current: true })
  const late = await Promise.all(Array.from({ length: 20 }, (_, at) => save(person, inTurn(stack, at), older, null)))
  expect(late.map((answer) => answer.status())).toEqual(Array(20).fill(201))
  const expected = { images: [newer.imageId, older.imageId], current: [newer.imageId] }
  expect(await look(stack, person)).toEqual(expected)
  await person.dispose()
})

test('two tabs that crop one upload differently, each with a double click: one of them is saved, and both hear which', async ({
  stack,
  playwright,
}) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  for (let round = 0; round < 5; round += 1) {
    const imageId = await person.upload(inTurn(stack, round))
    const crops = await Promise.all([20, 60].map((x, at) => person.crop(inTurn(stack, round + at), imageId, x)))
    const [one, two] = crops as [(typeof crops)[0], (typeof crops)[0]]
    const clicks = [one, two, one, two].map((crop, at) => save(person, inTurn(stack, round + at), crop))
    const answers = await Promise.all(clicks)
    const cropIds: string[] = []
    for (const answer of answers) {
      if (answer.status() === 201) cropIds.push((await answer.json()).cropId)
      else expect(['already_saved', 'busy']).toContain((await answer.json()).code)
    }
    // Who was told to wait tries again, and then nobody is told to any more.
    for (const crop of [one, two]) {
      const again = await save(person, inTurn(stack, round), crop)
      if (again.status() === 201) cropIds.push((await again.json()).cropId)
      else expect((await again.json()).code).toBe('already_saved')
    }
    expect(new Set(cropIds).size).toBe(1)
    const [shown] = await person.gallery(inTurn(stack, round))
    expect(shown).toMatchObject({ imageId, cropId: cropIds[0], current: true })
  }
  expect((await look(stack, person)).images).toHaveLength(5)
  await person.dispose()
})

test('deleting while saving: the picture is there and whole, or gone, and each is told what holds', async ({
  stack,
  playwright,
}) => {
  const person = await ApiPerson.signIn(playwright, stack.origin)
  for (let round = 0; round < 6; round += 1) {
    const crop = await person.crop(inTurn(stack, round), await person.upload(inTurn(stack, round + 1)))
    const path = `/api/images/${crop.imageId}`
    const saving = [0, 1, 2].map((at) => save(person, inTurn(stack, at), crop))
    const [deleted, ...saves] = await Promise.all([person.send(inTurn(stack, round), 'DELETE', path), ...saving])
    // There was nothing to delete yet, or it is deleted.
    expect([204, 404]).toContain(deleted.status())
    for (const answer of saves) expect([201, 404]).toContain(answer.status())
    const { images } = await look(stack, person)
    if (deleted.status() === 204) expect(images).not.toContain(crop.imageId)
    else expect(images).toContain(crop.imageId)
    // Done again when it is quiet, it is gone, and stays so.
    expect([204, 404]).toContain((await person.send(inTurn(stack, round), 'DELETE', path)).status())
    const late = await save(person, inTurn(stack, round + 1), crop)
    expect([late.status(), (await late.json()).code]).toEqual([404, 'not_found'])
    expect((await look(stack, person)).images).toEqual([])
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
        const imageId = await person.upload(inTurn(stack, at))
        const crop = await person.crop(inTurn(stack, at + 1), imageId)
        const answer = await person.save(inTurn(stack, at + 2), crop)
        expect(answer, `round ${round}, ${offsets}`).toMatchObject({ imageId, current: true })
        saved.unshift(imageId)
        expect(await look(stack, person)).toMatchObject({ current: [imageId] })
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
