import { fileURLToPath } from 'node:url'

/** The store that the stack runs on: `E2E_STORE=ceph` takes a real S3 server. */
export const storeKind = process.env.E2E_STORE || 'bundled'
const isBundled = storeKind === 'bundled'

/** Where the tests find the site and its store; other ports may be named, a running stack there is used as it is. */
export const sitePort = Number(process.env.E2E_PORT ?? (isBundled ? 3100 : 3200))
export const storePort = Number(process.env.E2E_STORE_PORT ?? (isBundled ? 9100 : 9200))
export const siteOrigin = `http://localhost:${sitePort}`
export const storeOrigin = `http://localhost:${storePort}`
/** Where the stack keeps its secrets, logs and objects. */
export const stateDirectory = fileURLToPath(
  new URL(isBundled ? '../.anyhost/e2e' : `../.anyhost/e2e-${storeKind}`, import.meta.url),
)
