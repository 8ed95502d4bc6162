import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, test } from '@/e2e/test'
import { startStack } from '@/tools/stack/stack'
import { ApiClient } from '@/tools/testing/api-client'
import { findFreePorts } from '@/tools/testing/ports'
import { fakeClock, faketimeLibrary } from './fake-clock'

// Cleanup on real hosts, triggered by opening the gallery two days later by every clock.

test.skip(!faketimeLibrary && !process.env.CI, 'faketime is not installed on this machine')

/** Starts hosts and a store whose clocks follow a file. `pass` moves them to so many hours after the start. */
async function startStackWithClock(
  state: string,
): Promise<{ stack: Awaited<ReturnType<typeof startStack>>; s3: S3Client; pass: (hours: number) => Promise<void> }> {
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const clock = join(state, 'clock')
  await writeFile(clock, '+0')
  const before = { ...process.env }
  // The store inherits this process's environment.
  Object.assign(process.env, fakeClock(clock))
  try {
    const stack = await startStack({
      store: 'bundled',
      stateDirectory: join(state, 'stack'),
      port,
      storePort,
      hosts: 2,
      log: () => undefined,
    })
    const secrets = JSON.parse(await readFile(join(state, 'stack/secrets.json'), 'utf8'))
    const credentials = { accessKeyId: secrets.storeAccessKeyId, secretAccessKey: secrets.storeSecretAccessKey }
    const endpoint = `http://127.0.0.1:${storePort}`
    const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
    const pass = async (hours: number) => {
      await writeFile(clock, `+${hours * 3600}`)
      // Node updates its Date header once a second.
      const storeIsOffBy = async () => {
        const { headers } = await fetch(endpoint)
        return (Date.parse(headers.get('date') ?? '') - Date.now()) / 3_600_000
      }
      await expect.poll(storeIsOffBy).toBeGreaterThan(hours - 0.1)
      // The store would reject this client's clock as wrong.
      s3.config.systemClockOffset = hours * 3_600_000
    }
    return { stack, s3, pass }
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

for (const [how, path] of [
  ['its page', '/gallery'],
  ['the API', '/api/images'],
] as const) {
  test(`opening the gallery by ${how} two days later erases a killed save`, async () => {
    test.setTimeout(600_000)
    expect(faketimeLibrary, 'faketime is not installed').toBeTruthy()
    const state = await mkdtemp(join(tmpdir(), 'leftovers-'))
    const { stack, s3, pass } = await startStackWithClock(state)
    try {
      const person = await ApiClient.signIn({ origin: stack.origin })
      const uid = await person.whoAmI()
      const keysBelow = async (prefix: string) => {
        const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'anyhost', Prefix: prefix }))
        return (listed.Contents ?? []).map(({ Key = '' }) => Key)
      }
      const save = async () => {
        const uploadId = await person.upload(await portrait())
        return person.save(await person.crop({ uploadId, area: portraitArea() }))
      }
      const kept = await save()
      // Simulate a save killed before its entry: keep its copies, delete its entry and trail item.
      const killed = await save()
      const { imageId } = killed
      const leftovers = async () =>
        [...(await keysBelow(`users/${uid}/`)), ...(await keysBelow(`media/${uid}/`))].filter((key) =>
          key.includes(imageId),
        )
      const written = (await leftovers()).filter((key) => /\/(entries|trail)\//.test(key)).map((Key) => ({ Key }))
      expect(written).toHaveLength(2)
      await s3.send(new DeleteObjectsCommand({ Bucket: 'anyhost', Delete: { Objects: written } }))
      const copies = await leftovers()
      expect(copies).toHaveLength(5)

      // Nothing is erased while the save could still be running.
      await pass(1)
      expect((await person.send('GET', path)).status).toBe(200)
      await pass(49)
      expect(await leftovers()).toEqual(copies)

      expect((await person.send('GET', path)).status).toBe(200)
      await expect.poll(leftovers).toEqual([])
      const images = await person.gallery()
      expect(images.map(({ imageId, current }) => [imageId, current])).toEqual([[kept.imageId, true]])
    } finally {
      s3.destroy()
      await stack.close()
      await rm(state, { recursive: true })
    }
  })
}
