import { expect, test, vi } from 'vitest'
import { connectBucket } from '@/lib/s3/client'
import { openAnsweringStore } from '../test-support/answering-store'
import { checkReach } from './reach'

/** Checks a store that answers every request with this error. */
async function checkStoreThatAnswers(status: number, code: string) {
  const endpoint = await openAnsweringStore((_, response) =>
    response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`),
  )
  const address = { region: 'eu-central-1', endpoint, publicEndpoint: undefined, forcePathStyle: true }
  return checkReach(connectBucket({ name: 'pictures', ...address, timeoutMs: 5_000 }), 'incoming/', 5_000)
}

test.each([
  [400, 'InvalidToken'],
  [400, 'ExpiredToken'],
  [403, 'InvalidAccessKeyId'],
  [403, 'SignatureDoesNotMatch'],
])('blames the credentials for %i %s, not the region or the endpoint', async (status, code) => {
  const { verdict, message, fix } = await checkStoreThatAnswers(status, code)
  expect([verdict, message]).toEqual(['failed', `Cannot list the bucket: the store answered ${status} ${code}.`])
  expect(fix).toMatch(/^Correct the credentials: AWS_ACCESS_KEY_ID/)
  expect(fix).not.toMatch(/REGION|ENDPOINT/)
})

test('blames region and endpoint for another 400', async () => {
  expect((await checkStoreThatAnswers(400, 'InvalidRequest')).fix).toMatch(/^Correct AWS_REGION/)
})

test('fails if the SDK finds no address, such as for an endpoint with FIPS', async () => {
  vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
  const result = await checkStoreThatAnswers(200, '')
  expect(result).toMatchObject({ verdict: 'failed', message: expect.stringContaining('finds no address') })
  expect(result.fix).toContain('AWS_USE_FIPS_ENDPOINT')
})
