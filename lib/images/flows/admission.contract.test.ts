import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CropAnswer } from '@/lib/images/schema'
import { host, world } from '@/lib/images/test-support/shared-world'
import { createOwner, createPicture, cropOf, granted, type Host, toForm, upload } from '@/lib/images/test-support/world'
import type { Result } from '@/lib/result'

// S18: a host limits concurrent crops. A slot or memory that is never released would make it answer busy forever, and
// work for a disconnected client would delay everyone else.

/** Starts a host that runs one crop and queues one more. Its memory is for one small picture. */
const startSmall = () =>
  world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '1', CROP_MEMORY_BYTES: '30000000' } })

/** Pauses a host before its next request of this command until `release` is called. */
function pauseAt(at: Host, command: string) {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const reached = new Promise<void>((resolve) => {
    at.hooks.before = async (request) => {
      if (request.command !== command) return
      delete at.hooks.before
      resolve()
      await released
    }
  })
  return { reached, release: () => release() }
}

/** Expects a free slot and free memory. A leak of either would make this wait forever. */
async function expectFree(at: Host): Promise<void> {
  const owner = createOwner()
  const uploadId = await upload(at, owner, await createPicture(4))
  expect(await at.cropUpload(owner, cropOf(uploadId))).toMatchObject({ ok: true })
}

test('S18: serves twenty concurrent crops, some of them after busy and a retry', async () => {
  const crowded = await world.startHost({ variables: { CROP_CONCURRENCY: '2', CROP_QUEUE: '6' } })
  const picture = await createPicture(1)
  const people = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const owner = createOwner()
      return { owner, uploadId: await upload(crowded, owner, picture) }
    }),
  )
  const tries: Result<CropAnswer>[] = []
  const cropAt = async (x: number): Promise<CropAnswer> => {
    const { owner, uploadId } = people[x % people.length] as (typeof people)[number]
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

test('S18: answers busy to the third crop of a person at once, and crops for others', async () => {
  const crowded = await world.startHost({ variables: { CROP_CONCURRENCY: '1', CROP_QUEUE: '32' } })
  const [mallory, ann] = [createOwner(), createOwner()]
  const uploadId = await upload(crowded, mallory, await createPicture(1))
  const uploadOfAnn = await upload(crowded, ann, await createPicture(2))
  const { reached, release } = pauseAt(crowded, 'GetObject')
  const ended: string[] = []
  const attack = Array.from({ length: 130 }, async (_, x) => {
    const answer = await crowded.cropUpload(mallory, cropOf(uploadId, x % 40, 50 - Math.floor(x / 40)))
    ended.push(answer.ok ? 'mallory' : answer.code)
    return answer
  })
  await reached
  await expect.poll(() => ended.length).toBe(128)
  const crop = crowded.cropUpload(ann, cropOf(uploadOfAnn)).then((answer) => {
    ended.push('ann')
    return answer
  })
  release()
  granted(await crop)
  const answers = await Promise.all(attack)
  expect(ended).toEqual([...Array(128).fill('busy'), 'mallory', 'mallory', 'ann'])
  for (const answer of answers.filter(({ ok }) => !ok)) {
    expect(answer).toEqual({ ok: false, code: 'busy', retryAfterSeconds: expect.any(Number) })
  }
  // The person's places are free again.
  granted(await crowded.cropUpload(mallory, cropOf(uploadId, 39)))
})

test('S18: three tabs of one person all get their crop, one of them after busy and a retry', async () => {
  const crowded = await world.startHost({ variables: { CROP_CONCURRENCY: '2' } })
  const owner = createOwner()
  const uploadId = await upload(crowded, owner, await createPicture(1))
  let busy = 0
  const tab = async (x: number): Promise<CropAnswer> => {
    for (;;) {
      const answer = await crowded.cropUpload(owner, cropOf(uploadId, x))
      if (answer.ok) return answer.value
      expect(answer.code).toBe('busy')
      busy += 1
      await sleep((answer.retryAfterSeconds as number) * 1000)
    }
  }
  const crops = await Promise.all([0, 1, 2].map(tab))
  expect(new Set(crops.map(({ cropId }) => cropId)).size).toBe(3)
  expect(busy).toBeGreaterThan(0)
})

test('reads nothing twice for a first crop and copies the upload while it renders', async () => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const before = host.sent.length
  granted(await host.cropUpload(owner, cropOf(uploadId)))
  const commands = host.sent.slice(before).map(({ command }) => command)
  expect(commands.slice(0, 2).toSorted()).toEqual(['GetObject', 'ListObjectsV2'])
  expect(commands.slice(2)).toEqual(['CopyObject', ...Array(5).fill('PutObject')])
})

test('S18: answers an existing crop even if no slot is free', async () => {
  const small = await startSmall()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const existing = granted(await small.cropUpload(owner, cropOf(uploadId)))
  const { reached, release } = pauseAt(small, 'GetObject')
  const running = small.cropUpload(owner, cropOf(uploadId, 1))
  await reached
  const waiting = small.cropUpload(owner, cropOf(uploadId, 2))
  expect(await small.cropUpload(owner, cropOf(uploadId, 3))).toMatchObject({ code: 'busy' })
  expect(granted(await small.cropUpload(owner, cropOf(uploadId)))).toEqual(existing)
  release()
  granted(await running)
  granted(await waiting)
  await expectFree(small)
})

test('S18: frees the queue slot of a client that disconnects', async () => {
  const small = await startSmall()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const controller = new AbortController()
  const { reached, release } = pauseAt(small, 'GetObject')
  const first = small.cropUpload(owner, cropOf(uploadId, 0))
  await reached
  const second = small.cropUpload(owner, cropOf(uploadId, 1), controller.signal)
  const rejection = expect(second).rejects.toThrow('disconnected')
  expect(await small.cropUpload(owner, cropOf(uploadId, 2))).toMatchObject({ code: 'busy' })
  const before = small.sent.length
  controller.abort(new Error('disconnected'))
  await rejection
  const third = small.cropUpload(owner, cropOf(uploadId, 3))
  release()
  expect(granted(await first).cropId).not.toBe(granted(await third).cropId)
  // Only two crops were written.
  expect(small.sent.slice(before).filter(({ command }) => command === 'PutObject')).toHaveLength(2 * 5)
})

test('S18: aborts the download and writes nothing when the client disconnects', async () => {
  const small = await startSmall()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const controller = new AbortController()
  small.hooks.before = async ({ command }) => {
    if (command === 'GetObject') controller.abort()
  }
  let isDownloaded = false
  small.hooks.after = async ({ command }) => {
    if (command === 'GetObject') isDownloaded = true
  }
  await expect(small.cropUpload(owner, cropOf(uploadId), controller.signal)).rejects.toMatchObject({
    name: 'AbortError',
  })
  delete small.hooks.before
  expect(isDownloaded).toBe(false)
  expect(small.written()).toEqual([])
  await expectFree(small)
})

test('S18: writes no manifest, so no crop, when the client disconnects later', async () => {
  const small = await startSmall()
  const owner = createOwner()
  const uploadId = await upload(small, owner, await createPicture(1))
  const controller = new AbortController()
  small.hooks.after = async ({ command }) => {
    if (command === 'PutObject') controller.abort(new Error('disconnected'))
  }
  await expect(small.cropUpload(owner, cropOf(uploadId), controller.signal)).rejects.toThrow('disconnected')
  delete small.hooks.after
  expect((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.endsWith('manifest.json'))).toEqual([])
  granted(await small.cropUpload(owner, cropOf(uploadId)))
  await expectFree(small)
})

test('S18: frees the slot of a rejected or failed crop', async () => {
  const small = await startSmall()
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
