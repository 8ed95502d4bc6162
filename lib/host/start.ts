import 'server-only'
import { ConfigurationError, env } from '@/lib/env'
import { log } from '@/lib/log'
import { drainOnSignals } from './drain'

/** Checks the configuration and drains on signals. With a bad configuration, prints why and exits with code 1. */
export function startHost(): void {
  try {
    const { appOrigin, authMode, bucket, region, drainMs, isDevelopment } = env()
    log().info({ appOrigin, authMode, bucket, region }, 'host starts')
    // In development Ctrl-C must end `next dev` at once.
    if (!isDevelopment) drainOnSignals(drainMs)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
