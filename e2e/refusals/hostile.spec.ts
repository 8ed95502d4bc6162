import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import sharp from 'sharp'
import { portrait } from '@/e2e/photos'
import { removeState } from '@/e2e/state'
import { createHostileFiles, type HostileFile } from '@/lib/images/engine/test-support/hostile-files'
import { errorTable } from '@/lib/result'
import { startStack } from '@/tools/stack/stack'
import { ApiClient } from '@/tools/testing/api-client'
import { readJson } from '@/tools/testing/http'
import { findFreePorts } from '@/tools/testing/ports'
import { cpuMsOf, memoryOf, resetPeak } from '@/tools/testing/process-stat'

/** Starts one host with the product's own limits and signs in a person. */
async function openHost(env: Record<string, string> = {}) {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const stack = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 1,
    env: { USER_QUOTA: '1000000', ...env },
    log: () => {},
  })
  const { origin } = stack
  const pid = () => stack.hosts[0]?.pid ?? 0
  const person = await ApiClient.signIn({ origin })

  return {
    pid,
    origin,
    upload: (buffer: Buffer) => person.upload({ name: 'me.jpg', mimeType: 'image/jpeg', buffer }, 'covers'),
    /** Crops the first pixel; each rotation is another crop. @returns the status, and the error code or `fine` */
    async crop(uploadId: string, rotate = 0): Promise<{ status: number; ends: string }> {
      const answer = await person.send('POST', '/api/crop', {
        uploadId,
        area: { x: 0, y: 0, width: 1, height: 1 },
        rotate,
      })
      return { status: answer.status, ends: readJson<{ code?: string }>(answer).code ?? 'fine' }
    },
    cpuMs: () => cpuMsOf(pid()),
    residentMb: () => memoryOf(pid()).residentMb,
    async close() {
      await stack.close()
      await removeState(stateDirectory)
    },
  }
}

const statusOf = (ends: HostileFile['ends']) => (ends === 'fine' ? 200 : errorTable[ends].status)

test('S14-S18: a host rejects every hostile file quickly and stays healthy', async () => {
  test.skip(process.platform !== 'linux', 'reads CPU and memory of the host from /proc')
  // May include a build.
  test.setTimeout(900_000)
  const host = await openHost()
  try {
    const firstPid = host.pid()
    // The store rejects empty files.
    const files = (await createHostileFiles()).filter(({ bytes }) => bytes.length > 0)
    const uploads: (HostileFile & { uploadId: string })[] = []
    for (const file of files) uploads.push({ ...file, uploadId: await host.upload(file.bytes) })
    const portraitId = await host.upload((await portrait()).buffer)
    expect(await host.crop(portraitId)).toEqual({ status: 200, ends: 'fine' })

    let turns = 0
    const round = async (some: typeof uploads) => {
      turns += 1
      for (const { name, ends, uploadId } of some) {
        expect(await host.crop(uploadId, turns / 4), name).toEqual({ status: statusOf(ends), ends })
      }
    }
    const rounds = async (count: number, some: typeof uploads) => {
      for (let left = count; left > 0; left -= 1) await round(some)
    }

    await test.step('each file gets its code', () => rounds(2, uploads))

    await test.step('a file rejected by its header costs about as much as a plain text', async () => {
      const plain = uploads.filter(({ name }) => name === 'a text')
      const telling = uploads.filter(({ isCheap, bytes }) => isCheap && bytes.length < 10_000)
      const costOf = async (some: typeof uploads) => {
        const before = host.cpuMs()
        const times = Math.ceil(80 / some.length)
        await rounds(times, some)
        return (host.cpuMs() - before) / (times * some.length)
      }
      await costOf(plain)
      const [text, bombs] = [await costOf(plain), await costOf(telling)]
      expect(bombs / text).toBeLessThan(3)
    })

    await test.step('memory does not grow over the rounds', async () => {
      await rounds(1, uploads)
      const early = host.residentMb()
      await rounds(5, uploads)
      expect(host.residentMb() / early).toBeLessThan(1.25)
    })

    await test.step('the same process still crops a portrait', async () => {
      expect(await host.crop(portraitId, 1)).toEqual({ status: 200, ends: 'fine' })
      expect(host.pid()).toBe(firstPid)
    })
  } finally {
    await host.close()
  }
})

test('S18: small animations of three people at once stay within the memory of crops', { tag: '@long' }, async () => {
  test.skip(process.platform !== 'linux', 'reads the memory of the host from /proc')
  // May include a build.
  test.setTimeout(900_000)
  const budgetMb = 300
  const host = await openHost({ CROP_CONCURRENCY: '3', CROP_MEMORY_BYTES: String(budgetMb * 1e6) })
  try {
    // 95 frames, the most that MAX_PIXELS allows at the size of an avatar.
    const frames = Array.from({ length: 95 }, (_, at) => Buffer.alloc(64 * 64 * 4, at * 2))
    const raw = { width: 64, height: 64 * frames.length, channels: 4 as const, pageHeight: 64 }
    const buffer = await sharp(Buffer.concat(frames), { raw }).webp({ effort: 0 }).toBuffer()
    expect(buffer.length).toBeLessThan(20_000)
    const file = { name: 'me.webp', mimeType: 'image/webp', buffer }
    const signInAndUpload = async () => {
      const person = await ApiClient.signIn({ origin: host.origin })
      return { person, uploadId: await person.upload(file) }
    }
    const crops = await Promise.all(Array.from({ length: 3 }, signInAndUpload))
    expect(await host.crop(await host.upload((await portrait()).buffer))).toEqual({ status: 200, ends: 'fine' })

    const before = host.residentMb()
    resetPeak(host.pid())
    const area = { x: 0, y: 0, width: 64, height: 64 }
    const answers = await Promise.all(
      crops.map(({ person, uploadId }) => person.send('POST', '/api/crop', { uploadId, area })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(3).fill(200))
    expect(memoryOf(host.pid()).peakMb - before).toBeLessThan(budgetMb)
  } finally {
    await host.close()
  }
})
