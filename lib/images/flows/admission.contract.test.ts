import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CropAnswer } from '@/lib/images/schema'
import { host, world } from '@/lib/images/test-support/shared-world'
import { createOwner, createPicture, cropOf, granted, type Host, toForm, upload } from '@/lib/images/test-support/world'
import type { Result } from '@/lib/result'

/** A host with one place for a crop, and room for one that waits. */
const startNarrow = () =>
  world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '1', CROP_MEMORY_BYTES: '1' } })

/** Holds a host at its next request of this name until `goOn` is called. */
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

/** Checks that its one place is free, and its memory: else this waits forever. */
async function expectFree(at: Host): Promise<void> {
  const owner = createOwner()
  const uploadId = await upload(at, owner, await createPicture(4))
  expect(await at.cropUpload(owner, cropOf(uploadId))).toMatchObject({ ok: true })
}

test('S18: twenty crops at once are each served, or answered busy and served on retry', async () => {
  const crowded = await world.startHost({ variables: { CROP_CONCURRENCY: '2', CROP_QUEUE: '6' } })
  const owner = createOwner()
  const uploadId = await upload(crowded, owner, await createPicture(1))
  const tries: Result<CropAnswer>[] = []
  const cropAt = async (x: number): Promise<CropAnswer> => {
    for (;;) {
      const answer = await crowded.cropUpload(owner, cropOf(uploadId, x))
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

test('a first crop reads nothing twice, and copies while it draws', async () => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const before = host.sent.length
  granted(await host.cropUpload(owner, cropOf(uploadId)))
  const commands = host.sent.slice(before).map(({ command }) => command)
  expect(commands.slice(0, 2).toSorted()).toEqual(['GetObject', 'ListObjectsV2'])
  expect(commands.slice(2)).toEqual(['CopyObject', ...Array(5).fill('PutObject')])
})

test('S18: a crop that exists is answered though no place is free', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const made = granted(await small.cropUpload(owner, cropOf(uploadId)))
  const { reached, goOn } = holdUp(small, 'GetObject')
  const running = small.cropUpload(owner, cropOf(uploadId, 1))
  await reached
  const waiting = small.cropUpload(owner, cropOf(uploadId, 2))
  expect(await small.cropUpload(owner, cropOf(uploadId, 3))).toMatchObject({ code: 'busy' })
  expect(granted(await small.cropUpload(owner, cropOf(uploadId)))).toEqual(made)
  goOn()
  granted(await running)
  granted(await waiting)
  await expectFree(small)
})

test('S18: a client that leaves while its crop waits makes room for another', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  const { reached, goOn } = holdUp(small, 'GetObject')
  const first = small.cropUpload(owner, cropOf(uploadId, 0))
  await reached
  const second = small.cropUpload(owner, cropOf(uploadId, 1), leaving.signal)
  const left = expect(second).rejects.toThrow('gone')
  expect(await small.cropUpload(owner, cropOf(uploadId, 2))).toMatchObject({ code: 'busy' })
  const before = small.sent.length
  leaving.abort(new Error('gone'))
  await left
  const third = small.cropUpload(owner, cropOf(uploadId, 3))
  goOn()
  expect(granted(await first).cropId).not.toBe(granted(await third).cropId)
  // Only two crops were written.
  expect(small.sent.slice(before).filter(({ command }) => command === 'PutObject')).toHaveLength(2 * 5)
})

test('S18: a client that leaves during the download ends it, and nothing is written', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  small.hooks.before = async ({ command }) => {
    if (command === 'GetObject') leaving.abort()
  }
  let isDownloaded = false
  small.hooks.after = async ({ command }) => {
    if (command === 'GetObject') isDownloaded = true
  }
  await expect(small.cropUpload(owner, cropOf(uploadId), leaving.signal)).rejects.toMatchObject({ name: 'AbortError' })
  delete small.hooks.before
  expect(isDownloaded).toBe(false)
  expect(small.written()).toEqual([])
  await expectFree(small)
})

test('S18: a client that leaves later leaves no manifest, so no crop', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const leaving = new AbortController()
  small.hooks.after = async ({ command }) => {
    if (command === 'PutObject') leaving.abort(new Error('gone'))
  }
  await expect(small.cropUpload(owner, cropOf(uploadId), leaving.signal)).rejects.toThrow('gone')
  delete small.hooks.after
  expect((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.endsWith('manifest.json'))).toEqual([])
  granted(await small.cropUpload(owner, cropOf(uploadId)))
  await expectFree(small)
})

test('S18: a crop that is refused or fails frees its place', async () => {
  const small = await startNarrow()
  const owner = createOwner()
  const ticket = granted(
    await small.startUpload(owner, { collection: 'avatars', contentType: 'image/jpeg', size: 100 }),
  )
  await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, Buffer.from('not a picture')) })
  expect(await small.cropUpload(owner, cropOf(ticket.uploadId))).toMatchObject({ ok: false, code: 'unsupported_type' })

  const uploadId = await upload(small, owner, await createPicture(1))
  for (const failing of ['GetObject', 'PutObject']) {
    small.hooks.before = async ({ command }) => {
      if (command === failing) throw new Error(`${failing} fails`)
    }
    await expect(small.cropUpload(owner, cropOf(uploadId))).rejects.toThrow(`${failing} fails`)
  }
  delete small.hooks.before
  expect(await small.cropUpload(owner, cropOf(uploadId, 41))).toMatchObject({ code: 'invalid_request' })
  await expectFree(small)
})
