import 'server-only'
import { type StoreEnv, variableName } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'

/**
 * Returns the base URL that serves a collection's saved variants, if one is configured. The common base URL serves the
 * common bucket only, so a collection with its own bucket needs its own `PUBLIC_BASE_URL_<NAME>`.
 */
export function publicBaseUrl(configuration: StoreEnv, collection: Collection): string | undefined {
  const name = variableName(collection.name)
  const own = configuration.publicBaseUrlsOfCollections[name]
  return own ?? (name in configuration.bucketsOfCollections ? undefined : configuration.publicBaseUrl)
}

/** Returns the name of a collection's own bucket (`S3_BUCKET_<NAME>`), or else of the common one. */
export function bucketName(configuration: StoreEnv, collection: Collection): string {
  return configuration.bucketsOfCollections[variableName(collection.name)] ?? configuration.bucket
}
