import 'server-only'
import {
  type CORSRule as CorsRule,
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  type GetBucketLifecycleConfigurationCommandOutput,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  type PublicAccessBlockConfiguration as PublicAccessBlock,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import type { Bucket } from './client'
import { refusalOf } from './refusal'

export type { CorsRule, LifecycleRule, PublicAccessBlock }

// No function here sends a DELETE. Some stores do not know a subresource, ignore it, and delete the bucket itself.

/** Returns the bucket's region, undefined if the store does not name it; or null if there is no such bucket. */
export async function findBucket({ client, name }: Bucket): Promise<{ region: string | undefined } | null> {
  try {
    const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: name }))
    return { region: BucketRegion }
  } catch (error) {
    if (refusalOf(error)?.status === 404) return null
    throw error
  }
}

/** Creates a bucket in the client's region. Does nothing if the account already has it. */
export async function createBucket({ client, name }: Bucket): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }))
  } catch (error) {
    // For a bucket of the same account, us-east-1 answers 200 and every other region this error.
    if (refusalOf(error)?.code !== 'BucketAlreadyOwnedByYou') throw error
  }
}

export async function readCors({ client, name }: Bucket): Promise<CorsRule[]> {
  const answer = await orNull('NoSuchCORSConfiguration', client.send(new GetBucketCorsCommand({ Bucket: name })))
  return answer?.CORSRules ?? []
}

/** Replaces all CORS rules. */
export async function writeCors({ client, name }: Bucket, rules: CorsRule[]): Promise<void> {
  await client.send(new PutBucketCorsCommand({ Bucket: name, CORSConfiguration: { CORSRules: rules } }))
}

/** The lifecycle rules of a bucket. */
export interface Lifecycle {
  rules: LifecycleRule[]
  /** A setting of AWS beside the rules. A put without it resets it. */
  transitionSize: GetBucketLifecycleConfigurationCommandOutput['TransitionDefaultMinimumObjectSize']
}

export async function readLifecycle({ client, name }: Bucket): Promise<Lifecycle> {
  const command = new GetBucketLifecycleConfigurationCommand({ Bucket: name })
  const answer = await orNull('NoSuchLifecycleConfiguration', client.send(command))
  return { rules: answer?.Rules ?? [], transitionSize: answer?.TransitionDefaultMinimumObjectSize }
}

/** Replaces all lifecycle rules. */
export async function writeLifecycle({ client, name }: Bucket, { rules, transitionSize }: Lifecycle): Promise<void> {
  await client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: name,
      LifecycleConfiguration: { Rules: rules },
      ...(transitionSize && { TransitionDefaultMinimumObjectSize: transitionSize }),
    }),
  )
}

/** Returns whether the bucket keeps older versions of its objects. `Suspended` means that old ones may exist. */
export async function readVersioning({ client, name }: Bucket): Promise<'Off' | 'Enabled' | 'Suspended'> {
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: name }))
  return Status ?? 'Off'
}

export async function readPublicAccessBlock({ client, name }: Bucket): Promise<PublicAccessBlock> {
  const command = new GetPublicAccessBlockCommand({ Bucket: name })
  const answer = await orNull('NoSuchPublicAccessBlockConfiguration', client.send(command))
  return answer?.PublicAccessBlockConfiguration ?? {}
}

export async function writePublicAccessBlock({ client, name }: Bucket, block: PublicAccessBlock): Promise<void> {
  await client.send(new PutPublicAccessBlockCommand({ Bucket: name, PublicAccessBlockConfiguration: block }))
}

/**
 * Returns who owns new objects: `BucketOwnerEnforced` if ACLs are off, or null if nothing is set. Returns `unknown` for a
 * store that does not know the setting and answers with something else, such as a listing.
 */
export async function readObjectOwnership({ client, name }: Bucket): Promise<string | null | 'unknown'> {
  const command = new GetBucketOwnershipControlsCommand({ Bucket: name })
  const answer = await orNull('OwnershipControlsNotFoundError', client.send(command))
  return answer && (answer.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'unknown')
}

/** Turns ACLs off. Send it only to a store that knows the setting: others create a bucket. */
export async function disableAcls({ client, name }: Bucket): Promise<void> {
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] }
  await client.send(new PutBucketOwnershipControlsCommand({ Bucket: name, OwnershipControls }))
}

/** A statement of an access policy. */
export interface PolicyStatement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: unknown
  Action: string | string[]
  Resource: string | string[]
  Condition?: object
}

export interface BucketPolicy {
  Version: '2012-10-17'
  Statement: PolicyStatement[]
}

export async function readBucketPolicy({ client, name }: Bucket): Promise<PolicyStatement[]> {
  const answer = await orNull('NoSuchBucketPolicy', client.send(new GetBucketPolicyCommand({ Bucket: name })))
  const statements: PolicyStatement | PolicyStatement[] = JSON.parse(answer?.Policy ?? '{"Statement":[]}').Statement
  return [statements].flat()
}

/** Replaces the bucket policy. */
export async function writeBucketPolicy({ client, name }: Bucket, policy: BucketPolicy): Promise<void> {
  await client.send(new PutBucketPolicyCommand({ Bucket: name, Policy: JSON.stringify(policy) }))
}

async function orNull<Answer>(codeIfMissing: string, sent: Promise<Answer>): Promise<Answer | null> {
  try {
    return await sent
  } catch (error) {
    if (refusalOf(error)?.code === codeIfMissing) return null
    throw error
  }
}
