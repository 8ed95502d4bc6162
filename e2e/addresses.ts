import { fileURLToPath } from 'node:url'

/** The store of the stack. `E2E_STORE=ceph` uses a real S3 server. */
export const storeKind = process.env.E2E_STORE || 'bundled'
const isBundled = storeKind === 'bundled'

/** Ports of the site and its store. The tests reuse a stack that already runs on these ports. */
export const sitePort = Number(process.env.E2E_PORT ?? (isBundled ? 3100 : 3200))
export const storePort = Number(process.env.E2E_STORE_PORT ?? (isBundled ? 9100 : 9200))
export const siteOrigin = `http://localhost:${sitePort}`
export const storeOrigin = `http://localhost:${storePort}`
/** The stack's directory for secrets, logs and objects. */
export const stateDirectory = fileURLToPath(
  new URL(isBundled ? '../.anyhost/e2e' : `../.anyhost/e2e-${storeKind}`, import.meta.url),
)
