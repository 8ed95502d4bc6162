import 'server-only'
import type { Env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketUrl } from '@/lib/s3/bucket-url'
import { bucketName, publicBaseUrl } from './bucket-name'
import { connect } from './buckets'

const known = new WeakMap<Env, Promise<string[]>>()

/**
 * Returns the origins from which browsers load images, for the Content-Security-Policy (security S24): those of the
 * URLs that the SDK signs for browsers, and of public base URLs. Sends no request.
 */
export function storeOrigins(configuration: Env): Promise<string[]> {
  let origins = known.get(configuration)
  if (!origins) {
    origins = findOrigins(configuration)
    known.set(configuration, origins)
  }
  return origins
}

async function findOrigins(configuration: Env): Promise<string[]> {
  const origins = await Promise.all(
    collections.map(async (collection) => {
      const { name, presigner } = connect(configuration, bucketName(configuration, collection))
      const { origin } = await bucketUrl(presigner, name)
      const base = publicBaseUrl(configuration, collection)
      return base ? [origin, new URL(base).origin] : [origin]
    }),
  )
  return [...new Set(origins.flat())]
}
