import 'server-only'
import type { Env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketName, publicBaseUrl } from './bucket-name'

/**
 * The origins that browsers reach the pictures by: what a Content-Security-Policy must name (security S24).
 * Worked out from the configuration alone; a test holds it against URLs that the SDK signs.
 */
export function storeOrigins(configuration: Env): string[] {
  const buckets = collections.map((collection) => storeOrigin(configuration, bucketName(configuration, collection)))
  const delivery = collections.flatMap((collection) => {
    const base = publicBaseUrl(configuration, collection)
    return base ? [new URL(base).origin] : []
  })
  return [...new Set([...buckets, ...delivery])]
}

function storeOrigin(configuration: Env, bucket: string): string {
  const { region, forcePathStyle } = configuration
  const base = new URL(
    configuration.publicEndpoint ?? configuration.endpoint ?? `https://s3.${region}.${awsDomain(region)}`,
  )
  // A dot in the name would not match the wildcard certificate, and an IP address has no subdomains: path style.
  const isAddress = /^[\d.]+$|^\[/.test(base.hostname)
  const pathStyle = forcePathStyle || isAddress || (base.protocol === 'https:' && bucket.includes('.'))
  return pathStyle ? base.origin : `${base.protocol}//${bucket}.${base.host}`
}

/** AWS's partitions have domains of their own. */
function awsDomain(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn'
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com'
}
