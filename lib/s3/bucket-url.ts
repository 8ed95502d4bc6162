import 'server-only'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getEndpointFromInstructions } from '@smithy/core/endpoints'

/**
 * Returns the URL of a bucket, without a key, by the rules with which the SDK sends and signs. They depend on the
 * region, and on variables and files that only the SDK reads, such as `AWS_USE_FIPS_ENDPOINT`. Needs no request and no
 * credentials.
 * @throws EndpointError if the settings exclude each other
 */
export async function bucketUrl(client: S3Client, bucket: string): Promise<URL> {
  const { url } = await getEndpointFromInstructions({ Bucket: bucket, Key: '_' }, GetObjectCommand, client.config)
  // The SDK caches its own.
  return new URL(url)
}
