import { setTimeout as sleep } from 'node:timers/promises'
import { GetBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyObject, getObject, headObject, listAllObjects, putObject } from '@/lib/s3/objects'
import { openSubject, type Subject } from './subject'

let it: Subject
const text = { contentType: 'text/plain' }

beforeAll(async () => {
  it = await openSubject(4)
})

afterAll(() => it.end())

test('stores the rules of incoming/ and drafts/', async () => {
  const { Rules } = await it.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: it.bucket.name }))
  const shown = Rules?.map(({ Filter, Prefix, Expiration, Status }) => [
    Filter?.Prefix ?? Prefix,
    Expiration?.Days,
    Status,
  ])
  expect(shown?.sort()).toEqual([
    ['drafts/', 2, 'Enabled'],
    ['incoming/', 1, 'Enabled'],
  ])
})

test('incoming/ expires after a day, drafts/ after two, and saved objects stay', async (context) => {
  const daySeconds = it.store.lifecycleDaySeconds
  if (daySeconds > 60) context.skip(`a day of this store lasts ${daySeconds} s`)
  const kept = ['directory/x', 'incoming-not/x', 'media/p/x', 'users/p/x', 'users/p/drafts/x']
  // Taken before the first write, so no object is older than this.
  const startedAt = Date.now()
  await putObject(it.bucket, 'incoming/p/x', 'upload', text)
  await copyObject(it.bucket, 'incoming/p/x', 'drafts/p/x')
  for (const key of kept) await putObject(it.bucket, key, 'kept', text)
  await copyObject(it.bucket, 'incoming/p/x', 'users/p/promoted')

  await expect.poll(() => headObject(it.bucket, 'incoming/p/x'), waitOptions(daySeconds)).toBeNull()
  if (Date.now() - startedAt < daySeconds * 1000) expect.fail('it expired before its day was over')
  expect(await getObject(it.bucket, 'incoming/p/x', 10)).toBeNull()
  expect(await listAllObjects(it.bucket, 'incoming/')).toEqual([])
  expect(await copyObject(it.bucket, 'incoming/p/x', 'users/p/late')).toBeNull()

  await expect.poll(() => headObject(it.bucket, 'drafts/p/x'), waitOptions(daySeconds)).toBeNull()
  if (Date.now() - startedAt < 2 * daySeconds * 1000) expect.fail('it expired before its two days were over')
  await sleep(daySeconds * 1000)
  const left = await listAllObjects(it.bucket, '')
  expect(left.map(({ key }) => key).sort()).toEqual([...kept, 'users/p/promoted'].sort())
}, 300_000)

/** Wait options: servers delete expired objects on a schedule of their own. */
function waitOptions(daySeconds: number) {
  return { timeout: daySeconds * 12_000, interval: 250 }
}
