import 'server-only'
import { ConfigurationError, env } from '@/lib/env'
import { checkEngine, EngineUnavailable } from '@/lib/images/check-engine'
import { log } from '@/lib/log'
import { checkLogo } from '@/lib/site/logo'
import { captureOutput } from './capture-output'
import { drainOnSignals } from './drain'
import { serveMetrics } from './metrics-server'
import { printReason } from './print-reason'
import { protectServer } from './protect-server'
import { recordStep } from './record-step'

/**
 * Checks the configuration, the logo and the image engine, and prepares the process. If one of them is wrong, prints why and exits
 * with code 1.
 */
export async function startHost(): Promise<void> {
  try {
    const { appOrigin, authMode, bucket, region, drainMs, isDevelopment, metricsPort, hostname } = env()
    log().info({ appOrigin, authMode, bucket, region }, 'host starts')
    await checkEngine()
    await checkLogo(env().site, process.cwd())
    if (metricsPort) await serveMetrics(metricsPort, hostname)
    // Development keeps Next's own output, and Ctrl-C must end `next dev` at once.
    if (isDevelopment) return
    captureOutput()
    protectServer(env(), (code, requestId) => {
      if (code === 'forbidden_origin') recordStep({ step: 'action', outcome: code, requestId, ms: 0 })
    })
    drainOnSignals(drainMs)
  } catch (error) {
    if (error instanceof EngineUnavailable) {
      log().fatal({ err: error }, 'the image engine does not work')
      printReason(`This host cannot start.\n  ${error.message}`)
    } else if (error instanceof ConfigurationError) printReason(error.message)
    else throw error
    process.exit(1)
  }
}
