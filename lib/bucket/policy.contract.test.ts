import {
  GetBucketPolicyCommand,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readStoreEnv, type StoreEnv } from '@/lib/env'
import type { Owner } from '@/lib/images/storage/image-ref'
import { prefixes } from '@/lib/images/storage/prefixes'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  deleteAllVersions,
  draft,
  eraseAll,
  granted,
  type Host,
  hourMs,
  idsOf,
  originalOf,
  remove,
  save,
  startWorld,
  upload,
  type World,
} from '@/lib/images/test-support/world'
import type { PolicyStatement } from '@/lib/s3/bucket-settings'
import { corsRule } from '@/lib/s3/cors-rule'
import { runCreate } from './create'
import { applyPolicy } from './policy'
import { publicStatements, radosgwStatements } from './statements'

const isCeph = process.env.TEST_STORE === 'ceph'

// The bundled store has no policies and only one account.
describe.runIf(isCeph)('S34: the policy of radosgw', () => {
  let world: World
  /** A host with the keys of the operator. */
  let earlierHost: Host
  /** A host with the keys of a user that has only the rights of the policy. */
  let host: Host
  let user: NonNullable<World['otherUser']>

  beforeAll(async () => {
    world = await startWorld()
    user = world.otherUser as typeof user
    earlierHost = await world.startHost()
    // The SDK reads the keys from the environment before the first request.
    await save(earlierHost, createOwner())
    host = await world.startHost({
      isSilent: true,
      variables: { AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: user.secretAccessKey },
    })
    const CORSConfiguration = { CORSRules: [corsRule('http://localhost:3000', 'post')] }
    await world.s3.send(new PutBucketCorsCommand({ Bucket: world.bucketName, CORSConfiguration }))
  })

  afterAll(() => world.end())

  const env = (variables: Record<string, string> = {}): StoreEnv =>
    readStoreEnv({
      APP_ORIGIN: 'http://localhost:3000',
      AWS_REGION: world.account.region,
      AWS_ENDPOINT_URL_S3: world.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      S3_BUCKET: world.bucketName,
      ...variables,
    })

  /** Runs a command with the operator's credentials, then gives the host's back to later requests. */
  async function asOperator<Result>(run: () => Promise<Result>): Promise<Result> {
    vi.stubEnv('AWS_ACCESS_KEY_ID', world.account.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', world.account.secretAccessKey)
    try {
      return await run()
    } finally {
      vi.stubEnv('AWS_ACCESS_KEY_ID', user.accessKeyId)
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', user.secretAccessKey)
    }
  }

  const apply = (as: string, variables?: Record<string, string>) =>
    asOperator(() => applyPolicy(env(variables), { as, user: user.name, distribution: undefined, isJson: false }))

  const setPolicy = (Statement: PolicyStatement[]) => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    return world.s3.send(new PutBucketPolicyCommand({ Bucket: world.bucketName, Policy }))
  }

  /** Takes every step of the app as one person. @throws if a step fails or leaves something behind */
  async function journey(): Promise<void> {
    const owner = createOwner()
    const kept = await save(host, owner, 1)
    await bytesAt(granted(await host.openUpload(owner, kept.uploadId, null)).source.url)
    for (const { url } of kept.variants) await bytesAt(url)
    await bytesAt(originalOf(kept))
    const { url: draftUrl = '' } = (await draft(host, owner, 2)).variants[0] ?? {}
    await bytesAt(draftUrl)
    await readAsNewUser(owner)

    const deleted = await save(host, owner, 3)
    granted(await host.setCurrent(owner, kept.imageId))
    granted(await host.describeImage(owner, kept.imageId, 'A cat'))
    expect(granted(await host.gallery(owner)).images).toMatchObject([
      { imageId: deleted.imageId, current: false },
      { imageId: kept.imageId, current: true, alt: 'A cat' },
    ])

    const again = granted(await host.recropImage(owner, kept.imageId))
    const { cropId } = granted(await host.cropUpload(owner, cropOf(again.uploadId, 10)))
    granted(await host.saveImage(owner, { uploadId: again.uploadId, cropId, keepOriginal: false }))
    for (const prefix of [
      `incoming/${owner.uid}/${again.uploadId}`,
      `drafts/${owner.uid}/${again.uploadId}/original`,
    ]) {
      expect(await world.keys(prefix)).toEqual([])
    }

    await remove(host, owner, deleted.imageId)
    const ofDeleted = async () =>
      (await Promise.all([world.keys(`users/${owner.uid}/`), world.keys(`media/${owner.uid}/`)]))
        .flat()
        .filter((key) => key.includes(deleted.imageId))
    expect((await ofDeleted()).filter((key) => !key.includes('/trail/'))).toEqual([])
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    expect((await ofDeleted()).filter((key) => key.includes('!deleted'))).toEqual([])

    // HEAD of an upload that was never sent.
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: 10 }
    const { uploadId } = granted(await host.startUpload(owner, request))
    expect(await host.openUpload(owner, uploadId, null)).toMatchObject({ ok: false, code: 'not_uploaded' })
  }

  /**
   * Continues what a host with another user began, as after a change of credentials. In radosgw a user may always read
   * what it wrote itself.
   */
  async function readAsNewUser(owner: Owner): Promise<void> {
    const sent = await upload(earlierHost, owner, await createPicture(4))
    granted(await host.cropUpload(owner, cropOf(sent)))
    const saved = granted(await host.saveImage(owner, idsOf(await draft(earlierHost, owner, 5))))
    const earlier = await save(earlierHost, owner, 6)
    const image = granted(await host.readImage(owner, earlier.imageId))
    for (const { url } of image.variants) await bytesAt(url)
    await bytesAt(originalOf(image))
    for (const { imageId } of [saved, earlier]) await remove(host, owner, imageId)
  }

  /** Describes the error that ends the journey. */
  const failure = () =>
    journey().then(
      () => 'none',
      ({ code, message, $metadata }) => `${code ?? $metadata?.httpStatusCode} ${message}`,
    )

  test('S34: lets a host take every step, and pass its self-check', async () => {
    expect(await apply('radosgw')).toMatchObject([{ verdict: 'changed', bucket: world.bucketName }])
    await journey()
    const { checkBuckets } = await import('@/lib/host/self-check')
    // A host may not read the lifecycle rules.
    expect((await checkBuckets()).filter(({ verdict }) => !['ok', 'unchecked'].includes(verdict))).toEqual([])
    expect(await apply('radosgw')).toMatchObject([{ verdict: 'ok' }])
  })

  /** Every right of the policy, one by one. */
  const rights = radosgwStatements('BUCKET', 'USER').flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${resource}`)),
  )

  test('S34: has these rights only', () => {
    const arn = 'arn:aws:s3:::BUCKET'
    const onObjects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion']
    expect(rights).toEqual([
      `s3:ListBucket ${arn}`,
      `s3:ListBucketVersions ${arn}`,
      `s3:DeleteObject ${arn}`,
      `s3:DeleteObjectVersion ${arn}`,
      ...onObjects.flatMap((action) => prefixes.map((prefix) => `${action} ${arn}/${prefix}*`)),
    ])
  })

  /** The others are for versioned buckets: see the last test. */
  const neededByAll = rights.filter((right) => !right.includes('Version'))

  test.each(neededByAll)('S34: the app fails without %s', async (left) => {
    const statements = rights
      .filter((right) => right !== left)
      .map((right): PolicyStatement => {
        const [Action, Resource] = right.replace('BUCKET', world.bucketName).split(' ') as [string, string]
        return { Effect: 'Allow', Principal: { AWS: [`arn:aws:iam:::user/${user.name}`] }, Action, Resource }
      })
    await setPolicy(statements)
    expect(await failure()).toMatch(/403|AccessDenied/)
  })

  test('S34: a condition on the prefix of listings breaks the app', async () => {
    const [list, objects] = radosgwStatements(world.bucketName, user.name) as [PolicyStatement, PolicyStatement]
    const Condition = { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } }
    await setPolicy([{ ...list, Action: 's3:ListBucket', Condition }, { ...list, Action: 's3:DeleteObject' }, objects])
    expect(await failure()).toMatch(/403|AccessDenied/)
  })

  test('keeps the statements of others, and can be set while public policies are blocked', async () => {
    const others: PolicyStatement = {
      Sid: 'Backup',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam:::user/backup'] },
      Action: ['s3:GetObject'],
      Resource: [`arn:aws:s3:::${world.bucketName}/users/*`],
    }
    await setPolicy([others])
    const block = async () =>
      (await asOperator(() => runCreate(env(), { isDryRun: false, showPlan: () => {} }))).find(
        ({ check }) => check === 'block',
      )?.verdict
    expect(await block()).toBe('changed')
    expect(await apply('radosgw')).toMatchObject([{ verdict: 'changed' }])
    expect(await block()).toBe('ok')
    const { Policy } = await world.s3.send(new GetBucketPolicyCommand({ Bucket: world.bucketName }))
    expect(JSON.parse(Policy ?? '').Statement).toEqual([others, ...radosgwStatements(world.bucketName, user.name)])
  })

  test('S41: a public policy opens saved variants and nothing else', async () => {
    const open = async (key: string) => (await fetch(`${world.endpoint}/${world.bucketName}/${key}`)).status
    await world.place('media/a/b.webp')
    await world.place('users/a/b')
    expect(await open('media/a/b.webp')).toBe(403)
    const variables = { PUBLIC_BASE_URL: `${world.endpoint}/${world.bucketName}` }
    expect(await apply('public', variables)).toMatchObject([
      { verdict: 'failed', fix: expect.stringContaining('BlockPublicPolicy') },
    ])
    const PublicAccessBlockConfiguration = { IgnorePublicAcls: true }
    const Bucket = world.bucketName
    await world.s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
    expect(await apply('public', variables)).toMatchObject([{ verdict: 'changed' }])
    expect(await Promise.all(['media/a/b.webp', 'users/a/b', '?list-type=2'].map(open))).toEqual([200, 403, 403])
    expect(publicStatements('us-east-1', 'b')).toMatchObject([{ Resource: ['arn:aws:s3:::b/media/*'] }])
  })

  test('S34, S37: in a versioned bucket, erasing everything needs the rights on versions', async () => {
    const Bucket = world.bucketName
    await world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    await apply('radosgw')
    const owner = createOwner()
    await save(host, owner, 1)
    await remove(host, owner, (await save(host, owner, 2)).imageId)
    const left = async () => {
      const { Versions = [], DeleteMarkers = [] } = await world.s3.send(new ListObjectVersionsCommand({ Bucket }))
      return [...Versions, ...DeleteMarkers].filter(({ Key }) => Key?.includes(`/${owner.uid}/`))
    }
    const without = (right: string) =>
      radosgwStatements(Bucket, user.name).map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((action) => action !== right),
      }))

    await setPolicy(without('s3:ListBucketVersions'))
    const entries = await world.keys(`users/${owner.uid}/v1/entries/`)
    // A step must not hide objects from the next one, which would report success.
    for (let tries = 0; tries < 6; tries += 1) {
      await expect(eraseAll(host, owner)).rejects.toThrow(/keeps old versions.*s3:ListBucketVersions/)
    }
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toEqual(entries)
    expect(entries.length).toBeGreaterThan(0)
    await setPolicy(without('s3:DeleteObjectVersion'))
    await expect(eraseAll(host, owner)).rejects.toThrow('AccessDenied')
    expect((await left()).length).toBeGreaterThan(10)

    await setPolicy(radosgwStatements(Bucket, user.name))
    await eraseAll(host, owner)
    expect(await left()).toEqual([])
    await deleteAllVersions(world.s3, Bucket)
  })
})
