import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { radosgwStatements } from '@/lib/bucket/statements'
import type { PolicyStatement } from '@/lib/s3/bucket-settings'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { appOrigin, setUpCheckedBuckets } from './test-support/checked-buckets'
import { withPolicy } from './test-support/denials'

// The bundled store has one account, no policies and no versions.
describe.runIf(process.env.TEST_STORE === 'ceph')('on a store with policies', () => {
  const buckets = setUpCheckedBuckets()
  const { bucket, s3, store, selfCheck } = buckets
  const oneBucket = { S3_BUCKET_COVERS: '' }
  const arn = `arn:aws:s3:::${bucket}`

  describe('a host with the rights of npm run bucket -- policy', () => {
    const unreadable = `lifecycle ${bucket} unchecked`

    /** Runs the self-check of a user with these rights, after a change. */
    function selfCheckWith(change: (statement: PolicyStatement) => PolicyStatement[] = (statement) => [statement]) {
      const { name = '', accessKeyId = '', secretAccessKey = '' } = store().otherUser ?? {}
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
      const statements = radosgwStatements(bucket, name).flatMap(change)
      return withPolicy(buckets, statements, () => selfCheck({ ...oneBucket, ...keys }))
    }

    test('starts, and reports lifecycle rules as unchecked', async () => {
      const { bad, texts } = await selfCheckWith()
      expect(bad).toEqual([unreadable])
      expect(texts).toContain('Run npm run bucket -- doctor with credentials that administer the bucket.')
    })

    test.each([
      ['s3:PutObject', 'media/', /Cannot write under media\/ \(403 AccessDenied\)/],
      // On radosgw a user can read their own objects without s3:GetObject.
      [
        's3:DeleteObject',
        'drafts/',
        /Cannot delete under drafts\/ \(403 AccessDenied\)\. Test objects stay there: drafts\//,
      ],
    ])('fails without %s on %s', async (action, prefix, message) => {
      const { bad, texts } = await selfCheckWith((statement) => {
        if (statement.Sid !== 'AnyhostObjects') return [statement]
        const resources = [statement.Resource].flat()
        return [statement.Action].flat().map((each) => ({
          ...statement,
          Sid: each.slice('s3:'.length),
          Action: each,
          Resource: each === action ? resources.filter((resource) => !resource.endsWith(`/${prefix}*`)) : resources,
        }))
      })
      await empty()
      expect(bad).toEqual([`access ${bucket} failed`, unreadable])
      expect(texts).toMatch(message)
      expect(texts).toContain(`Allow the credentials ${action}`)
      expect(texts).toContain(`${arn}/${prefix}*`)
    })

    test('fails if listing has a condition on the prefix: a missing object answers 403', async () => {
      const { bad, texts } = await selfCheckWith((statement) =>
        statement.Sid === 'AnyhostList'
          ? [
              { ...statement, Sid: 'DeleteMany', Action: 's3:DeleteObject' },
              {
                ...statement,
                Action: 's3:ListBucket',
                Condition: {
                  StringLike: { 's3:prefix': ['incoming/*', 'drafts/*', 'users/*', 'media/*'] },
                },
              },
            ]
          : [statement],
      )
      expect(bad).toEqual([`access ${bucket} failed`, unreadable])
      expect(texts).toContain('Cannot look for a missing object under incoming/, drafts/, users/, media/ (403)')
      expect(texts).toContain(`s3:ListBucket on ${arn}, without a condition on the prefix`)
    })

    test('fails if it cannot delete several objects at once', async () => {
      const { texts } = await selfCheckWith((statement) =>
        statement.Sid === 'AnyhostList' ? [{ ...statement, Action: 's3:ListBucket' }] : [statement],
      )
      await empty()
      expect(texts).toContain('Cannot delete several objects at once under incoming/, drafts/, users/, media/ (403')
      expect(texts).toContain(`Allow the credentials s3:DeleteObject on ${arn} too, which Ceph radosgw requires.`)
    })
  })

  describe('S41: fails if the bucket policy lets anyone', () => {
    const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Principal: '*', Action, Resource })

    test.each([
      ['read', allow('s3:GetObject', `${arn}/*`), /can read under incoming\/, .*read under users\/\./],
      ['list', allow('s3:ListBucket', arn), /can list under .*list the bucket\./],
      ['write', allow('s3:PutObject', `${arn}/*`), /can write under incoming\/, .*write under media\/\./],
    ])('%s', async (_, statement, sentence) => {
      const { bad, texts } = await withPolicy(buckets, [statement], () => selfCheck(oneBucket))
      expect(bad).toEqual([`anonymous ${bucket} failed`])
      expect(texts).toMatch(sentence)
    })

    test('but not if it lets anyone read media/', async () => {
      const statement = allow('s3:GetObject', `${arn}/media/*`)
      const { bad } = await withPolicy(buckets, [statement], () => selfCheck(oneBucket))
      expect(bad).toEqual([])
    })
  })

  test('warns of a versioned bucket, where the test objects stay as old versions', async () => {
    const Bucket = `${bucket}-versioned`
    await prepareBuckets(store(), [Bucket], appOrigin)
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    const { bad, texts } = await selfCheck({ ...oneBucket, S3_BUCKET: Bucket })
    const { Versions = [], DeleteMarkers = [] } = await s3().send(new ListObjectVersionsCommand({ Bucket }))
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
      await s3().send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    }
    await s3().send(new DeleteBucketCommand({ Bucket }))
    expect(bad).toEqual([`versions ${Bucket} warning`])
    expect(texts).toContain('The bucket is versioned')
    expect(Versions.length).toBeGreaterThan(0)
  })

  /** Deletes what a check could not. */
  async function empty(): Promise<void> {
    const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucket }))
    for (const { Key } of Contents) await s3().send(new DeleteObjectCommand({ Bucket: bucket, Key }))
  }
})
