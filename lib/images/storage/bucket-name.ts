import 'server-only'
import type { Env } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'

/**
 * What stands in front of a collection's saved variants, if anything does. A bucket of its own has a base URL of its own
 * (`PUBLIC_BASE_URL_<NAME>`): the common one leads to the common bucket.
 */
export function publicBaseUrl(configuration: Env, collection: Collection): string | undefined {
  const name = variableName(collection)
  const own = configuration.publicBaseUrlsOfCollections[name]
  return own ?? (name in configuration.bucketsOfCollections ? undefined : configuration.publicBaseUrl)
}

/** The bucket of a collection: its own (`S3_BUCKET_<NAME>`), or the common one. */
export function bucketName(configuration: Env, collection: Collection): string {
  return configuration.bucketsOfCollections[variableName(collection)] ?? configuration.bucket
}

/** `team-logos` as `TEAM_LOGOS`: no shell can set a variable with a hyphen. */
function variableName(collection: Collection): string {
  return collection.name.toUpperCase().replaceAll('-', '_')
}
