import 'server-only'
import { ConfigurationError, env } from '@/lib/env'
import { log } from '@/lib/log'
import { captureOutput } from './capture-output'
import { drainOnSignals } from './drain'
import { printReason } from './print-reason'
import { protectServer } from './protect-server'
import { recordStep } from './record-step'

/** Checks the configuration and prepares the process. With a bad configuration, prints why and exits with code 1. */
export function startHost(): void {
  try {
    const { appOrigin, authMode, bucket, region, drainMs, isDevelopment } = env()
    log().info({ appOrigin, authMode, bucket, region }, 'host starts')
    // Development keeps Next's own output, and Ctrl-C must end `next dev` at once.
    if (isDevelopment) return
    captureOutput()
    protectServer(env(), (code, requestId) => {
      if (code === 'forbidden_origin') recordStep({ step: 'action', outcome: code, requestId, ms: 0 })
    })
    drainOnSignals(drainMs)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    printReason(error.message)
    process.exit(1)
  }
}
