import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectLogsWithoutSecrets, findSecrets } from './find-secrets'

const sealed = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..dGVzdA.dGVzdA'

test.each([
  ['a presigned URL', 'GET /media/a.webp?X-Amz-Expires=900&X-Amz-Signature=0123456789abcdef'],
  ['the credential of a policy', '"fields":{"x-amz-credential":"KEY/20260101/eu/s3/aws4_request"}'],
  ['a signed request', 'Authorization: AWS4-HMAC-SHA256 Credential=KEY/20260101'],
  ['a policy', '"policy":"eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0wMVQwMDowMDowMFoifQ"'],
  ['a token', `OIDC_id_token: ${sealed}`],
  ['a cookie of a request', 'cookie: locale=de'],
  ['a cookie of a response', '{"set-cookie":["locale=de; Path=/"]}'],
  ['a session without its first part', 'account=dGVzdHRlc3R0ZXN0dGVzdA.dGVzdA'],
  ['a bearer token', '{"authorization":"Bearer abc"}'],
  ['an e-mail address', '{"msg":"signed in","who":"ada@mail.example.com"}'],
  ['an encoded e-mail address', 'GET /sign-in?login_hint=ada%40example.com'],
  ['the code of a sign-in', 'GET /sign-in/callback?code=AbCdEfGhIj&iss=x'],
  ['a known value', 'the key is 1234-very-secret'],
])('S35: finds %s in a log', (_what, line) => {
  const findings = findSecrets(`first\n${line}\nlast`, { 'the session secret': '1234-very-secret' })
  expect(findings.map((finding) => finding.line)).toContain(2)
  expect(new Set(findings.map((finding) => finding.line)).size).toBe(1)
})

test.each([
  '{"level":30,"time":"2026-01-01T00:00:00.000Z","requestId":"6e0f7a6e-6f9e-4c57-a4c2-b7b6c0ad4b5a","msg":"step"}',
  'at Object.<anonymous> (node_modules/@aws-sdk/client-s3/dist/index.js:1:1) next@16.2.1 sharp@0.35.4',
  'GET /sign-in/callback?<query> 303 12 ms',
  'the session cookie is missing',
  'GET users/<uid>/v1/epoch 200',
])('S35: finds no secret in %s', (line) => {
  expect(findSecrets(line, { 'the session secret': '1234-very-secret' })).toEqual([])
})

test('S35: names file and line of a secret in the logs of a stack, and not the secret', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'find-secrets-'))
  await mkdir(join(directory, 'logs'))
  await writeFile(join(directory, 'secrets.json'), '{"sessionSecret":"1234-very-secret"}')
  await writeFile(join(directory, 'logs', 'host-1.log'), 'fine\n')
  await expectLogsWithoutSecrets(directory)
  await writeFile(join(directory, 'logs', 'store.log'), `fine\nfine\n1234-very-secret ${sealed} another-one\n`)
  const message = await expectLogsWithoutSecrets(directory, { 'client secret': 'another-one' }).catch(String)
  for (const what of ['sessionSecret', 'client secret', 'a token'])
    expect(message).toContain(`store.log, line 3: ${what}`)
  expect(message).not.toMatch(/1234|eyJ|another-one/)
  await rm(directory, { recursive: true })
})
