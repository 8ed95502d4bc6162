import pc from 'picocolors'
import { type IdentityProvider, identityProviderVariables } from '@/tools/identity-provider/identity-provider'
import { createChildren, describeEnding, endWithParent } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { nextCommand } from '@/tools/process/project'
import { type Running, runUntilInterrupted } from '@/tools/process/run'
import { describePeople } from './describe-people'
import { bucketsOf, hostEnvironment, inheritedEnvironment } from './host-environment'
import { parseOptions } from './stack-options'
import { openIdentityProvider, openStore, prepareState } from './startup-steps'
import type { RunningStore } from './store-process'

const usage = `Usage: npm run dev -- [options]

Starts anyhost for development: an S3 store, and one host (next dev) that reloads when you change a file.

  --store STORE      the S3 store to start: bundled, or ceph from Debian's packages (default: bundled)
  --port PORT        port of the site (default: 3000)
  --store-port PORT  port of the store (default: 9000)
  --oidc             people sign in at an OpenID Connect provider, which is started too (default: they are guests)
  --oidc-port PORT   port of the provider (default: 4000)
  --state DIR        folder for secrets and photos (default: .anyhost)
  -h, --help         show this help

Press Ctrl-C to stop.`

await runUntilInterrupted(startDevelopment)

async function startDevelopment(signal: AbortSignal): Promise<Running> {
  const {
    store: kind,
    port,
    storePort,
    identityProviderPort,
    stateDirectory,
    isHelp,
  } = parseOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }
  const reporter = { log: console.log, signal }
  const appOrigin = `http://localhost:${port}`
  const storeChildren = createChildren()
  const hostChildren = createChildren()
  let store: RunningStore | undefined
  let identityProvider: IdentityProvider | undefined
  let release = async () => {}
  async function close(): Promise<void> {
    await hostChildren.end()
    await store?.close()
    await storeChildren.end()
    await identityProvider?.close()
    await release()
  }
  signal.addEventListener('abort', () => void close(), { once: true })

  try {
    const state = await prepareState(reporter, { store: kind, stateDirectory, port, storePort, identityProviderPort })
    release = state.release
    const { serverActionsEncryptionKey } = state.secrets
    identityProvider = await openIdentityProvider(reporter, { port: identityProviderPort, appOrigin })
    const env = {
      ...inheritedEnvironment(),
      ...hostEnvironment({ appOrigin, storePort, secrets: state.secrets, serverActionsEncryptionKey }),
      ...(identityProvider && identityProviderVariables(identityProvider.issuer)),
      NODE_ENV: 'development' as const,
      HOST_NAME: 'dev',
    }
    store = await openStore(reporter, {
      kind,
      children: storeChildren,
      state,
      port: storePort,
      env: inheritedEnvironment(),
      buckets: bucketsOf(env),
      appOrigin,
      onLine: (line, from) => from === 'stderr' && console.error(`${pc.cyan('store')} ${line}`),
    })
    const host = hostChildren.start({
      name: 'next dev',
      args: [...endWithParent, nextCommand, 'dev', '-H', 'localhost', '-p', String(port)],
      env,
    })
    if (identityProvider) console.log(describePeople())
    return {
      failure: Promise.race([
        store.ended.then((how) => failureOf('The store', how)),
        host.ended.then((ending) => failureOf('next dev', describeEnding(ending))),
      ]),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function failureOf(what: string, ending: string): UserError {
  return new UserError(`${what} stopped unexpectedly (${ending}). See its output above, then start again.`)
}
