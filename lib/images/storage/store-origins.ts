import 'server-only'
import type { Env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketName, publicBaseUrl } from './bucket-name'

/**
 * Returns the origins from which browsers load images, for the Content-Security-Policy (security S24). They follow from
 * the configuration alone; a test compares them with the URLs that the SDK signs.
 */
export function storeOrigins(configuration: Env): string[] {
  const origins = collections.flatMap((collection) => {
    const base = publicBaseUrl(configuration, collection)
    const bucketOrigin = storeOrigin(configuration, bucketName(configuration, collection))
    return base ? [bucketOrigin, new URL(base).origin] : [bucketOrigin]
  })
  return [...new Set(origins)]
}

function storeOrigin(configuration: Env, bucket: string): string {
  const { region, forcePathStyle } = configuration
  const base = new URL(
    configuration.publicEndpoint ?? configuration.endpoint ?? `https://s3.${region}.${awsDomain(region)}`,
  )
  // Path style, because the wildcard certificate matches no dot in a bucket name, and an IP address has no subdomains.
  const isAddress = /^[\d.]+$|^\[/.test(base.hostname)
  const pathStyle = forcePathStyle || isAddress || (base.protocol === 'https:' && bucket.includes('.'))
  return pathStyle ? base.origin : `${base.protocol}//${bucket}.${base.host}`
}

/** Returns the domain of a region's AWS partition. */
function awsDomain(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn'
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com'
}
