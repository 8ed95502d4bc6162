import { execFile, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeOutput } from './capture-output'

const flags = ['--conditions', 'react-server', '--import', 'tsx', '--input-type=module', '--eval']
const env = {
  ...process.env,
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'us-east-1',
  S3_BUCKET: 'bucket',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 's'.repeat(32),
}

test.each([
  ['GET /crop/a?crop=secret failed', 'GET /crop/a?… failed'],
  ['"https://s3.example.net/a?X-Amz-Signature=secret"', '"https://s3.example.net/a?…"'],
  ['{ Cookie: session=secret; theme=dark }', '{ Cookie …'],
  ['set-cookie: session=secret\nnext line', 'set-cookie …\nnext line'],
  ['authorization: Bearer secret', 'authorization …'],
  ['\u001b[31mred\u001b[0m \u0085 \u202e', 'red \\u0085 \\u202e'],
  ['Did it fail? Yes.', 'Did it fail? Yes.'],
])('S35: describes printed %j without secrets and control characters', (printed, described) => {
  expect(describeOutput(printed)).toBe(described)
})

test('S35: bounds printed text', () => {
  expect(describeOutput('x'.repeat(100_000)).length).toBeLessThan(5_000)
})

test('S42: continues to print while the disk of the log is full', async () => {
  const script = `
    import { captureOutput } from '@/lib/host/capture-output'
    // Node reports the failure of the second line after both.
    for (const line of [1, 2]) console.log(line)
    captureOutput()
    setInterval(() => console.error(new Error('printed')), 10)
    setTimeout(() => process.exit(7), 300)`
  // Every write to this device fails with ENOSPC.
  const full = openSync('/dev/full', 'w')
  const { status } = spawnSync(process.execPath, [...flags, script], { env, stdio: ['ignore', full, full] })
  closeSync(full)
  expect(status).toBe(7)
})

test('S35: turns all output of the process into lines of its log', async () => {
  const script = `
    import { captureOutput } from '@/lib/host/capture-output'
    captureOutput()
    console.log('two\\nlines')
    console.error(new Error('GET /a?b=secret'))
    process.stdout.write(Buffer.from('bytes'), () => console.warn('called back'))
    process.emitWarning('deprecated')`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, script], {
    env,
  })
  expect(stderr).toBe('')
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(5)
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 30, source: 'next', msg: 'two\nlines' }),
      expect.objectContaining({ level: 50, source: 'next', msg: expect.stringMatching(/^Error: GET \/a\?…\n {4}at /) }),
      expect.objectContaining({ level: 30, source: 'next', msg: 'bytes' }),
      expect.objectContaining({ level: 50, source: 'next', msg: 'called back' }),
      expect.objectContaining({
        level: 40,
        msg: 'Node warning',
        err: expect.objectContaining({ message: 'deprecated' }),
      }),
    ]),
  )
})
