import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCommand } from './run-command'

beforeEach(() => {
  const variables = {
    APP_ORIGIN: 'https://me.example.org',
    AWS_REGION: 'eu-central-1',
    S3_BUCKET: 'my-photos',
    S3_BUCKET_COVERS: 'my-covers',
    AWS_ENDPOINT_URL_S3: '',
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
})

afterEach(() => vi.unstubAllEnvs())

async function policy(...args: string[]) {
  let text = ''
  const print = (more: string) => {
    text += more
  }
  return { code: await runCommand(['policy', ...args], { print, printError: print }), text }
}

test('S34: prints an IAM policy for all buckets that can be pasted', async () => {
  const { code, text } = await policy()
  expect(code).toBe(0)
  const prefixes = ['incoming', 'drafts', 'users', 'media']
  const objects = ['my-photos', 'my-covers'].flatMap((bucket) =>
    prefixes.map((prefix) => `arn:aws:s3:::${bucket}/${prefix}/*`),
  )
  expect(JSON.parse(text)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AnyhostList',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketVersions'],
        Resource: ['arn:aws:s3:::my-photos', 'arn:aws:s3:::my-covers'],
      },
      {
        Sid: 'AnyhostObjects',
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
        Resource: objects,
      },
    ],
  })
})

test('uses the partition of the region', async () => {
  vi.stubEnv('AWS_REGION', 'cn-north-1')
  expect((await policy()).text).toContain('"arn:aws-cn:s3:::my-photos"')
})

test('prints a command per bucket for radosgw, with tenants', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'https://s3.example.net')
  const { text } = await policy('--as', 'radosgw', '--user', 'acme$hosts')
  const lines = text.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain(
    'aws s3api put-bucket-policy --bucket my-covers --endpoint-url https://s3.example.net --policy \'{"Version"',
  )
  expect(lines[1]).toContain('"Principal":{"AWS":["arn:aws:iam::acme:user/hosts"]}')
  const asJson = JSON.parse((await policy('--as', 'radosgw', '--user', 'hosts', '--json')).text)
  expect(Object.keys(asJson)).toEqual(['my-photos', 'my-covers'])
})

test('says in words what a token needs', async () => {
  const { text } = await policy('--as', 'words')
  expect(text).toContain('list my-photos and my-covers, without a condition on the prefix')
  expect(text).toContain('garage bucket allow --read --write my-covers --key KEY')
})

test('opens media/ of the buckets with a public base URL only', async () => {
  vi.stubEnv('PUBLIC_BASE_URL_COVERS', 'https://covers.example.org')
  const { Statement } = JSON.parse((await policy('--as', 'public', '--json')).text)['my-covers']
  expect(Statement).toMatchObject([
    { Principal: '*', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::my-covers/media/*'] },
  ])
  const distribution = 'arn:aws:cloudfront::1:distribution/A'
  const { text } = await policy('--as', 'cloudfront', '--distribution', distribution)
  expect(text).toContain('{"Service":"cloudfront.amazonaws.com"}')
  expect(text).toContain(`{"StringEquals":{"AWS:SourceArn":"${distribution}"}}`)
  expect(text).not.toContain('my-photos')
})

test.each([
  ['--as radosgw needs --user', ['--as', 'radosgw']],
  ['--as cloudfront needs --distribution', ['--as', 'cloudfront']],
  ['PUBLIC_BASE_URL is not set', ['--as', 'public']],
  ['Unknown policy: azure', ['--as', 'azure']],
  ['--apply sets bucket policies', ['--as', 'iam', '--apply']],
])('explains a wrong command line: %s', async (sentence, args) => {
  const { code, text } = await policy(...args)
  expect(code).toBe(2)
  expect(text).toContain(sentence)
})
