import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { connectBucket } from './client'
import { StoreTimeout, withDeadline, withoutDeadline } from './deadline'
import { getObject, headObject, putObject } from './objects'
import { openAnsweringStore } from './test-support/answering-store'

/** Long enough for an answer on a busy machine, short enough to wait for. */
const timeoutMs = 1_000
/** Starts a store with these responses. @returns a bucket of it */
async function bucketThat(answer: (response: ServerResponse) => void) {
  const endpoint = await openAnsweringStore((_, response) => answer(response))
  return connectBucket({
    name: 'pictures',
    region: 'eu-central-1',
    endpoint,
    publicEndpoint: undefined,
    forcePathStyle: true,
    timeoutMs,
  })
}

test('fails a read whose body stalls half-way', async () => {
  const bucket = await bucketThat((response) => {
    response.writeHead(200, { etag: '"abc"', 'content-length': '1000', 'content-type': 'image/jpeg' })
    response.write(Buffer.alloc(500))
  })
  await expect(getObject(bucket, 'picture', 10_000)).rejects.toThrow()
})

test('retries a request that the store never answers, and then fails', async () => {
  let requests = 0
  const bucket = await bucketThat(() => {
    requests += 1
  })
  await expect(getObject(bucket, 'picture', 10_000)).rejects.toThrow()
  expect(requests).toBeGreaterThan(1)
})

const answerWith = (response: ServerResponse, contentLength: number, body: Buffer) => {
  response.writeHead(200, { etag: '"abc"', 'content-length': String(contentLength), 'content-type': 'image/jpeg' })
  response.write(body)
}

test('reads an object again whose connection breaks half-way', async () => {
  const whole = Buffer.alloc(1000, 'picture')
  let requests = 0
  const bucket = await bucketThat((response) => {
    requests += 1
    if (requests > 1) return answerWith(response, 1000, whole)
    answerWith(response, 1000, whole.subarray(0, 500))
    setTimeout(() => response.destroy(), 20)
  })
  const object = await getObject(bucket, 'picture', 1000)
  expect(object).toMatchObject({ size: 1000, etag: 'abc', contentType: 'image/jpeg' })
  expect(whole.equals(object?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect(requests).toBe(2)
})

test('fails a read whose connection breaks twice', async () => {
  let requests = 0
  const bucket = await bucketThat((response) => {
    requests += 1
    answerWith(response, 1000, Buffer.alloc(500))
    setTimeout(() => response.destroy(), 20)
  })
  await expect(getObject(bucket, 'picture', 1000)).rejects.toThrow()
  expect(requests).toBe(2)
})

test('closes the connection of an object that is larger than the limit', async () => {
  let isClosed = false
  const bucket = await bucketThat((response) => {
    response.on('close', () => {
      isClosed = true
    })
    answerWith(response, 1001, Buffer.alloc(500))
  })
  await expect(getObject(bucket, 'picture', 1000)).rejects.toThrow('1001 bytes, more than the limit of 1000')
  await expect.poll(() => isClosed).toBe(true)
})

test.each([
  ['before the response', (_response: ServerResponse) => undefined],
  ['half-way through the body', (response: ServerResponse) => answerWith(response, 1000, Buffer.alloc(500))],
])('aborts the request on a signal %s, without a retry', async (_name, answer) => {
  const controller = new AbortController()
  let requests = 0
  let closed = 0
  const bucket = await bucketThat((response) => {
    requests += 1
    response.on('close', () => {
      closed += 1
    })
    answer(response)
    setTimeout(() => controller.abort(), 50)
  })
  await expect(getObject(bucket, 'picture', 1000, { signal: controller.signal })).rejects.toThrow()
  await expect.poll(() => closed).toBe(1)
  expect(requests).toBe(1)
})

describe('a step with a deadline', () => {
  test('fails at its deadline, not after the retries of all its requests', async () => {
    let requests = 0
    const bucket = await bucketThat(() => {
      requests += 1
    })
    const startedAt = performance.now()
    const step = withDeadline(300, async () => {
      for (let time = 0; time < 9; time += 1) await headObject(bucket, 'picture').catch(() => null)
      await putObject(bucket, 'picture', 'x', { contentType: 'text/plain' })
    })
    await expect(step).rejects.toThrow(StoreTimeout)
    // A single try would take a second to time out.
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs)
    expect(requests).toBe(1)
  })

  test('does not wait for a Retry-After beyond its deadline', async () => {
    const bucket = await bucketThat((response) => response.writeHead(503, { 'retry-after': '60' }).end())
    const startedAt = performance.now()
    const step = withDeadline(300, () => headObject(bucket, 'picture'))
    await expect(step).rejects.toThrow(StoreTimeout)
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })

  test('fails on a body that stalls half-way, and closes its connection', async () => {
    let isClosed = false
    const bucket = await bucketThat((response) => {
      response.on('close', () => {
        isClosed = true
      })
      answerWith(response, 1000, Buffer.alloc(500))
    })
    const step = withDeadline(300, () => getObject(bucket, 'picture', 1000))
    await expect(step).rejects.toThrow(StoreTimeout)
    await expect.poll(() => isClosed).toBe(true)
  })

  test('does not limit work after the response, which has its own deadline', async () => {
    const bucket = await bucketThat((response) => {
      setTimeout(() => {
        answerWith(response, 4, Buffer.from('done'))
        response.end()
      }, 200)
    })
    const read = () => getObject(bucket, 'picture', 4)
    let later: Promise<unknown> = Promise.resolve()
    const step = withDeadline(50, () => {
      later = withoutDeadline(() => withDeadline(30_000, read))
      return read()
    })
    await expect(step).rejects.toThrow(StoreTimeout)
    await expect(later).resolves.toMatchObject({ size: 4 })
  })

  test('counts time with waiting requests only, and parallel requests once', async () => {
    const bucket = await bucketThat((response) => {
      setTimeout(() => {
        answerWith(response, 4, Buffer.from('done'))
        response.end()
      }, 200)
    })
    const read = () => getObject(bucket, 'picture', 4)
    const step = withDeadline(2_000, async () => {
      // Stands for rendering, or for waiting for a slot.
      await sleep(2_100)
      await Promise.all(Array.from({ length: 12 }, read))
      // A step within shares this deadline.
      return withDeadline(1, read)
    })
    expect((await step)?.bytes.toString()).toBe('done')
    const endless = withDeadline(2_000, async () => {
      for (;;) await read()
    })
    await expect(endless).rejects.toThrow(StoreTimeout)
  })
})
