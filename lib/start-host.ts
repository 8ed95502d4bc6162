import 'server-only'
import { drainOnSignals } from './drain'
import { ConfigurationError, env } from './env'
import { log } from './log'

/** Checks the configuration, and has signals drain; a host that cannot work says why in a sentence, and ends. */
export function startHost(): void {
  try {
    const { appOrigin, authMode, bucket, region, drainMs, isDevelopment } = env()
    log().info({ appOrigin, authMode, bucket, region }, 'host starts')
    // Who develops wants `next dev` to end at Ctrl-C.
    if (!isDevelopment) drainOnSignals(drainMs)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
