import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Result } from './errors'
import type { CropAnswer } from './schema'
import { host, world } from './shared-world.test-support'
import { createOwner, createPicture, cropOf, granted, type Host, toForm, upload } from './world.test-support'

/** A host with one place, and room for one that waits. */
const startNarrow = () =>
  world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '1', CROP_MEMORY_BYTES: '1' } })

/** Holds a host up at its next request of this name, until told to go on. */
function holdUp(at: Host, command: string) {
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const reached = new Promise<void>((resolve) => {
    at.hooks.before = async (request) => {
      if (request.command !== command) return
      delete at.hooks.before
      resolve()
      await held
    }
  })
  return { reached, goOn: () => goOn() }
}

/** Proves that its one place was not lost, nor its memory: else this waits without end. */
async function expectFree(at: Host): Promise<void> {
  const owner = createOwner()
  const imageId = await upload(at, owner, await createPicture(4))
  expect(await at.cropUpload(owner, cropOf(imageId))).toMatchObject({ ok: true })
}

test('S18: of twenty at once each is served, or told when to come back, and then served', async () => {
  const crowded = await world.startHost({ variables: { CROP_CONCURRENCY: '2', CROP_QUEUE: '6' } })
  const owner = createOwner()
  const imageId = await upload(crowded, owner, await createPicture(1))
  const tries: Result<CropAnswer>[] = []
  const cropAt = async (x: number): Promise<CropAnswer> => {
    for (;;) {
      const answer = await crowded.cropUpload(owner, cropOf(imageId, x))
      tries.push(answer)
      if (answer.ok) return answer.value
      expect(answer).toEqual({ ok: false, code: 'busy', retryAfterSeconds: expect.any(Number) })
      expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(1)
      expect(answer.retryAfterSeconds).toBeLessThanOrEqual(30)
      await sleep(500)
    }
  }
  const crops = await Promise.all(Array.from({ length: 20 }, (_, x) => cropAt(x)))
  expect(new Set(crops.map(({ cropId }) => cropId)).size).toBe(20)
  expect(tries.filter(({ ok }) => !ok).length).toBeGreaterThan(0)
})

test('a first crop asks for nothing that is not there', async () => {
  const owner = createOwner()
  const imageId = await upload(host, owner, await createPicture(1))
  const before = host.sent.length
  granted(await host.cropUpload(owner, cropOf(imageId)))
  expect(host.sent.slice(before).map(({ command }) => command)).toEqual([
    'ListObjectsV2',
    'HeadObject',
    'CopyObject',
    'GetObject',
    ...Array(5).fill('PutObject'),
  ])
})

test('S18: whoever goes away while it waits makes room for another, and nothing is done for it', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const imageId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  const { reached, goOn } = holdUp(small, 'GetObject')
  const first = small.cropUpload(owner, cropOf(imageId, 0))
  await reached
  const listed = new Promise<void>((resolve) => {
    small.hooks.after = async ({ command }) => {
      if (command === 'ListObjectsV2') resolve()
    }
  })
  const second = small.cropUpload(owner, cropOf(imageId, 1), leaving.signal)
  const left = expect(second).rejects.toThrow('gone')
  // That is all it asks for before it waits: else the next one would be before it.
  await listed
  delete small.hooks.after
  await sleep(100)
  await expect.poll(() => small.cropUpload(owner, cropOf(imageId, 2))).toMatchObject({ code: 'busy' })
  const before = small.sent.length
  leaving.abort(new Error('gone'))
  await left
  const third = small.cropUpload(owner, cropOf(imageId, 3))
  goOn()
  expect(granted(await first).cropId).not.toBe(granted(await third).cropId)
  // What was written, was for two.
  expect(small.sent.slice(before).filter(({ command }) => command === 'PutObject')).toHaveLength(2 * 5)
})

test('S18: for whoever goes away while the picture is on its way, the download ends, and nothing is written', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const imageId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  small.hooks.before = async ({ command }) => {
    if (command === 'GetObject') leaving.abort()
  }
  let isDownloaded = false
  small.hooks.after = async ({ command }) => {
    if (command === 'GetObject') isDownloaded = true
  }
  await expect(small.cropUpload(owner, cropOf(imageId), leaving.signal)).rejects.toMatchObject({ name: 'AbortError' })
  delete small.hooks.before
  expect(isDownloaded).toBe(false)
  expect(small.written().map(({ command }) => command)).toEqual(['CopyObject'])
  await expectFree(small)
})

test('S18: for whoever goes away later no manifest is written: a crop is whole, or does not exist', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const imageId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  small.hooks.after = async ({ command }) => {
    if (command === 'PutObject') leaving.abort(new Error('gone'))
  }
  await expect(small.cropUpload(owner, cropOf(imageId), leaving.signal)).rejects.toThrow('gone')
  delete small.hooks.after
  expect((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.endsWith('manifest.json'))).toEqual([])
  granted(await small.cropUpload(owner, cropOf(imageId)))
  await expectFree(small)
})

test('S18: what is refused or fails at work takes no place with it', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const ticket = granted(
    await small.startUpload(owner, { collection: 'avatars', contentType: 'image/jpeg', size: 100 }),
  )
  await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, Buffer.from('not a picture')) })
  expect(await small.cropUpload(owner, cropOf(ticket.imageId))).toMatchObject({ ok: false, code: 'unsupported_type' })

  const imageId = await upload(small, owner, await createPicture(1))
  for (const failing of ['GetObject', 'PutObject']) {
    small.hooks.before = async ({ command }) => {
      if (command === failing) throw new Error(`${failing} fails`)
    }
    await expect(small.cropUpload(owner, cropOf(imageId))).rejects.toThrow(`${failing} fails`)
  }
  delete small.hooks.before
  expect(await small.cropUpload(owner, cropOf(imageId, 41))).toMatchObject({ code: 'invalid_request' })
  await expectFree(small)
})
