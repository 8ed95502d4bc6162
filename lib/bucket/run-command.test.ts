import { afterEach, expect, test, vi } from 'vitest'
import { runCommand } from './run-command'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

async function run(...args: string[]) {
  let output = ''
  let errors = ''
  const print = (text: string) => {
    output += text
  }
  const printError = (text: string) => {
    errors += text
  }
  return { code: await runCommand(args, { print, printError }), output, errors }
}

test.each([[['--help']], [['-h']], [['doctor', '--help']]])('prints the usage for %j', async (args) => {
  const { code, output } = await run(...args)
  expect(code).toBe(0)
  expect(output).toContain('Usage: npm run bucket -- COMMAND')
})

test.each([
  [['repair'], 'Unknown command: repair.'],
  [['constructor'], 'Unknown command: constructor.'],
  [['doctor', '--fix'], "Unknown option '--fix'"],
  [['doctor', '--hosts', 'http://10.0.0.1:3000,host-2'], 'Invalid URL in --hosts: host-2.'],
])('rejects %j with exit code 2 and the usage', async (args, message) => {
  const { code, output, errors } = await run(...args)
  expect([code, output]).toEqual([2, ''])
  expect(errors).toContain(message)
  expect(errors).toContain('Usage: ')
})

test('prints the usage and exits with code 2 without a command', async () => {
  const { code, output } = await run()
  expect([code, output.slice(0, 6)]).toEqual([2, 'Usage:'])
})

test('names each missing variable and exits with code 2', async () => {
  vi.stubEnv('S3_BUCKET', '')
  const { code, errors } = await run('doctor')
  expect(code).toBe(2)
  expect(errors).toContain('S3_BUCKET is not set. See docs/configuration.md.')
})

test('exits with code 1 and names the cause if the store does not answer', async () => {
  const variables = {
    APP_ORIGIN: 'https://me.example.org',
    AWS_REGION: 'us-east-1',
    S3_BUCKET: 'my-photos',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    AWS_ACCESS_KEY_ID: 'KEY',
    AWS_SECRET_ACCESS_KEY: 'secret',
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const { code, output, errors } = await run('create')
  expect([code, output]).toEqual([1, ''])
  expect(errors).toContain('ECONNREFUSED')
})
