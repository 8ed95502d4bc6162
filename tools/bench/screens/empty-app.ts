import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, endWithParent } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { nextCommand, projectDirectory } from '@/tools/process/project'
import { sendRequest } from '@/tools/testing/http'
import { findFreePorts } from '@/tools/testing/ports'

const startWithinMs = 30_000

const files = {
  'package.json': '{ "name": "empty", "private": true, "type": "module" }',
  // The bundler follows the link to the packages only within this folder.
  'next.config.mjs': `export default { turbopack: { root: '/' } }`,
  'app/layout.jsx':
    'export default ({ children }) => <html lang="en"><head><title>Empty</title></head><body>{children}</body></html>',
  'app/page.jsx': "export const dynamic = 'force-dynamic'\nexport default () => <main>Empty</main>",
}

/**
 * Builds and starts an app of the same Next and React that has one page without any code.
 * @param directory empty, outside of the project: in its folder, Next would run the project's `proxy.ts`
 * @returns its URL
 */
export async function startEmptyApp(directory: string, children: Children): Promise<string> {
  await symlink(join(projectDirectory, 'node_modules'), join(directory, 'node_modules'))
  await mkdir(join(directory, 'app'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  const env = { ...process.env, NODE_ENV: 'production' as const }
  const options = { cwd: directory, env, onLine: () => {} }
  const build = children.start({ name: 'build empty', args: [...endWithParent, nextCommand, 'build'], ...options })
  if ((await build.ended).code !== 0) throw new UserError(`The empty app has no build: ${await build.lastOutput()}`)

  const [port] = (await findFreePorts(1, [])) as [number]
  const start = [...endWithParent, nextCommand, 'start', '--port', String(port), '--hostname', '127.0.0.1']
  const server = children.start({ name: 'empty', args: start, ...options })
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startWithinMs
  while (!(await isUp(url))) {
    if (Date.now() > deadline) {
      await server.end()
      throw new UserError(`The empty app did not start: ${await server.lastOutput()}`)
    }
    await sleep(100)
  }
  return url
}

function isUp(url: string): Promise<boolean> {
  return sendRequest({ method: 'GET', url }).then(
    ({ status }) => status === 200,
    () => false,
  )
}
