import 'server-only'
import { ConfigurationError, env } from './env'
import { log } from './log'

/** Checks the configuration; a host that cannot work says why in a sentence, and ends. */
export function startHost(): void {
  try {
    const { appOrigin, authMode, bucket, region } = env()
    log().info({ appOrigin, authMode, bucket, region }, 'host starts')
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
