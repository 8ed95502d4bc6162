import 'server-only'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Bucket } from '@/lib/s3/client'
import { copyObject, deleteObjects, getObject, headObject, listObjects } from '@/lib/s3/objects'
import { formatRefusal, type Refusal } from '@/lib/s3/refusal'
import { sendCommand } from '@/lib/s3/send'
import { type CheckResult, toRefusal } from './check-result'
import { settleAll } from './settle-all'

/** A small object that checks use, and then remove. */
export interface ProbeObject {
  /** The prefix of the layout, such as `media/`. */
  prefix: string
  key: string
}

/** What the credentials may not do, or what the store does wrong. */
interface Problem {
  /** Completes "Cannot …". */
  operation: string
  prefix: string
  refusal: Refusal | undefined
  /** The missing right, or the sentence that helps otherwise. */
  needs: string
}

/** The test objects of one run, and what went wrong so far. */
export interface Probes {
  written: ProbeObject[]
  problems: Problem[]
  /** Whether the store keeps old versions of objects. Its answer to a write shows it. */
  isVersioned: boolean
  /** Keys that may exist now, and must be removed. */
  created: Map<string, string[]>
}

/** Content of the test objects: the smallest that a CDN can serve as an image. */
export const probeBody = Buffer.from('R0lGODlhAQABAAAAACH5BAEAAAAALAAAAAABAAEAAAICTAEAOw==', 'base64')
export const probeBodyType = 'image/gif'

/** Test objects of a process that was killed are removed by a later run once they are this old, in milliseconds. */
const leftoverMs = 60 * 60 * 1000

/** Writes one test object per key. @throws StoreUnreachable */
export async function writeProbes(bucket: Bucket, objects: ProbeObject[]): Promise<Probes> {
  const probes: Probes = { written: [], problems: [], isVersioned: false, created: new Map() }
  const written = new Set<ProbeObject>()
  await settleAll(
    objects.map(async (object) => {
      const { prefix, key } = object
      probes.created.set(prefix, [key])
      const input = { Bucket: bucket.name, Key: key, Body: probeBody, ContentType: probeBodyType }
      await attempt(probes, 'write', prefix, 's3:PutObject', async () => {
        const output = await sendCommand(bucket, 'PutObject', key, new PutObjectCommand(input))
        written.add(object)
        if (output.VersionId && output.VersionId !== 'null') probes.isVersioned = true
      })
    }),
  )
  return { ...probes, written: objects.filter((object) => written.has(object)) }
}

/** Reads, copies and lists each test object, and looks for one that does not exist. @throws StoreUnreachable */
export async function tryProbes(bucket: Bucket, probes: Probes): Promise<void> {
  await settleAll(
    probes.written.flatMap(({ prefix, key }) => {
      const directory = key.slice(0, key.lastIndexOf('/') + 1)
      const copy = `${key}-copy`
      const created = probes.created.get(prefix) as string[]
      created.push(copy)
      const require = (isRight: boolean, operation: string) => {
        const needs = 'use a store that passes the contract suite (docs/stores.md)'
        if (!isRight) probes.problems.push({ operation, prefix, refusal: undefined, needs })
      }
      return [
        attempt(probes, 'read', prefix, 's3:GetObject', async () => {
          const object = await getObject(bucket, key, 1024)
          require(object !== null && probeBody.equals(object.bytes), 'read what was just written')
        }),
        attempt(probes, 'copy', prefix, 's3:GetObject and s3:PutObject', async () => {
          require((await copyObject(bucket, key, copy)) !== null, 'copy what was just written')
        }),
        attempt(probes, 'look for a missing object', prefix, 's3:ListBucket', async () => {
          require((await headObject(bucket, `${key}-missing`)) === null, 'look for a missing object')
        }),
        attempt(probes, 'list', prefix, 's3:ListBucket', async () => {
          const { objects, nextToken } = await listObjects(bucket, directory, 1000)
          const found = objects.some((object) => object.key === key)
          require(found || nextToken !== null, 'list what was just written')
          const limit = bucket.clock.now() - leftoverMs
          created.push(...objects.filter(({ lastModified }) => lastModified.getTime() < limit).map((old) => old.key))
        }),
      ]
    }),
  )
}

/** Deletes all test objects: the first of each prefix alone, the others in one request. @throws StoreUnreachable */
export async function removeProbes(bucket: Bucket, probes: Probes): Promise<void> {
  await settleAll(
    [...probes.created].map(async ([prefix, keys]) => {
      // Without duplicates: they crash radosgw 16.
      const [key, ...others] = [...new Set(keys)] as [string, ...string[]]
      const hasProblem = () =>
        probes.problems.some((problem) => problem.prefix === prefix && problem.operation === 'delete')
      await attempt(probes, 'delete', prefix, 's3:DeleteObject', () => deleteObjects(bucket, [key]))
      // At least two keys, so that one request deletes several.
      await attempt(
        probes,
        'delete several objects at once',
        prefix,
        's3:DeleteObject on the bucket itself',
        async () => {
          if (!hasProblem()) await deleteObjects(bucket, [key, `${key}-none`, ...others])
        },
      )
    }),
  )
}

/** Judges the use of the test objects. */
export function judgeProbes({ name }: Bucket, { written, created, ...probes }: Probes): CheckResult {
  const prefixes = [...created.keys()]
  const problems = prefixes.flatMap((prefix) => probes.problems.filter((problem) => problem.prefix === prefix))
  if (problems.length === 0) {
    const message = `The host can write, read, copy, list and delete under ${prefixes.join(', ')}.`
    return { verdict: 'ok', message }
  }
  const failures = mergePrefixes(problems).map(
    ({ operation, prefix, refusal }) => `${operation} under ${prefix}${refusal ? ` (${formatRefusal(refusal)})` : ''}`,
  )
  const kept = written.filter(({ prefix }) =>
    problems.some((each) => each.prefix === prefix && each.operation === 'delete'),
  )
  const keptText = kept.length > 0 ? ` Test objects stay there: ${kept.map(({ key }) => key).join(', ')}.` : ''
  return {
    verdict: 'failed',
    message: `Cannot ${failures.join('; ')}.${keptText}`,
    fix: [...new Set(problems.map((problem) => fixFor(name, problem, problems)))].join(' '),
  }
}

function fixFor(bucket: string, { refusal, needs, operation }: Problem, all: Problem[]): string {
  if (!refusal) return `${needs.charAt(0).toUpperCase()}${needs.slice(1)}.`
  if (isOfKey(refusal)) {
    return (
      "Enable the bucket's encryption key, and allow the credentials kms:GenerateDataKey and kms:Decrypt on it. Or use " +
      `the store's own key: aws s3api put-bucket-encryption --bucket ${bucket} --server-side-encryption-configuration ` +
      `'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'.`
    )
  }
  if (needs === 's3:ListBucket') {
    return `Allow the credentials s3:ListBucket on arn:aws:s3:::${bucket}, without a condition on the prefix.`
  }
  if (operation === 'delete several objects at once') {
    return `Allow the credentials s3:DeleteObject on arn:aws:s3:::${bucket} too, which Ceph radosgw requires.`
  }
  const prefixes = new Set(all.filter((each) => each.needs === needs).map(({ prefix }) => prefix))
  const resources = [...prefixes].map((prefix) => `arn:aws:s3:::${bucket}/${prefix}*`)
  return `Allow the credentials ${needs} on ${resources.join(', ')}.`
}

/** AWS names KMS in the code (`KMS.DisabledException`) or, for a missing right, in the text (`kms:Decrypt`). */
function isOfKey({ code, message }: Refusal): boolean {
  return /kms/i.test(`${code} ${message}`)
}

/** Joins problems that differ only in the prefix. */
function mergePrefixes(problems: Problem[]): Problem[] {
  const merged = new Map<string, Problem>()
  for (const problem of problems) {
    const id = `${problem.operation} ${problem.refusal ? formatRefusal(problem.refusal) : ''}`
    const known = merged.get(id)
    merged.set(id, known ? { ...known, prefix: `${known.prefix}, ${problem.prefix}` } : problem)
  }
  return [...merged.values()]
}

/** Records a refusal as a problem. @throws StoreUnreachable */
async function attempt(
  { problems }: Probes,
  operation: string,
  prefix: string,
  needs: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    problems.push({ operation, prefix, refusal: toRefusal(error), needs })
  }
}
