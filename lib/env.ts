import 'server-only'
import { hostname } from 'node:os'
import { z } from 'zod'

/** The part of the configuration that describes the buckets. `npm run bucket` needs no other. */
export interface StoreEnv {
  /** Public origin of the site, such as `https://me.example.org`. */
  appOrigin: string
  region: string
  /** Bucket of all collections without their own. */
  bucket: string
  /** Buckets of single collections, by upper-case name with `-` as `_` (`S3_BUCKET_COVERS` → `COVERS`). */
  bucketsOfCollections: Record<string, string>
  /** Origin of an S3-compatible store; undefined means AWS. */
  endpoint: string | undefined
  /** Origin of the store for browsers, if it differs. */
  publicEndpoint: string | undefined
  /** Whether the bucket is in the path of URLs instead of the host name. */
  forcePathStyle: boolean
  /** How browsers upload: with a POST policy or a presigned PUT. */
  uploadMethod: 'post' | 'put'
  /** URL in front of the keys of variants in `bucket`, without a trailing slash; undefined means presigned URLs. */
  publicBaseUrl: string | undefined
  /** The same for collections with their own bucket, by upper-case name. */
  publicBaseUrlsOfCollections: Record<string, string>
}

/** The configuration of this host: docs/configuration.md. Only this file reads process.env, and only at run time. */
export interface Env extends StoreEnv {
  isDevelopment: boolean
  /** Whether the public origin is https. Then cookies are `Secure` and have the prefix `__Host-`. */
  isHttps: boolean
  /** Name of this host in logs and in the header `x-served-by`. */
  hostName: string
  /** Whether this host starts on a store that does not enforce signed uploads. */
  allowUnenforcedUploads: boolean
  /** How long a step may wait for the store in total, in milliseconds. One try of a request gets a quarter of it. */
  storeTimeoutMs: number
  authMode: 'guest'
  /** Secrets of the session cookie, newest first. The newest one seals; all of them open. */
  sessionSecrets: string[]
  maxUploadBytes: number
  /** Largest image, in pixels of all frames together. */
  maxPixels: number
  /** Crops that run at once. */
  cropConcurrency: number
  /** Crops that may wait. The next one is rejected as `busy`. */
  cropQueue: number
  /** Memory that all running crops share, as `renderingMemory` estimates it. */
  cropMemoryBytes: number
  /** Images per person, running uploads included. */
  userQuota: number
  /** How long shutdown may take, in milliseconds. */
  drainMs: number
}

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback)

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    'must be an origin such as https://me.example.org, without a path',
  )

const secrets = z
  .string()
  .transform((value) => value.split(',').map((secret) => secret.trim()))
  .refine((list) => list.every((secret) => secret.length >= 32), 'each secret must have at least 32 characters')

const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be a bucket name: lower-case letters, digits, dots, dashes')

/** Removes trailing slashes, so that a key can follow. */
const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

const flag = z.enum(['true', 'false']).default('false')

const storeSchema = z.object({
  APP_ORIGIN: origin,
  AWS_REGION: z.string().min(1),
  S3_BUCKET: bucketName,
  AWS_ENDPOINT_URL_S3: origin.optional(),
  S3_PUBLIC_ENDPOINT: origin.optional(),
  S3_FORCE_PATH_STYLE: flag,
  S3_UPLOAD_METHOD: z.enum(['post', 'put']).default('post'),
  PUBLIC_BASE_URL: baseUrl.optional(),
})

const schema = storeSchema.extend({
  NODE_ENV: z.string().optional(),
  HOST_NAME: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .default(hostname()),
  ALLOW_UNENFORCED_UPLOADS: flag,
  STORE_TIMEOUT_MS: count(30_000),
  AUTH_MODE: z.enum(['guest']),
  ALLOW_PUBLIC_GUESTS: flag,
  SESSION_SECRETS: secrets,
  MAX_UPLOAD_BYTES: count(50 * 1024 * 1024),
  MAX_PIXELS: count(50_000_000),
  CROP_CONCURRENCY: count(2),
  CROP_QUEUE: count(32),
  CROP_MEMORY_BYTES: count(300_000_000),
  USER_QUOTA: count(1000),
  DRAIN_MS: count(25_000),
})

/** Variables that end with the upper-case name of a collection. */
const ofCollections = { S3_BUCKET_: bucketName, PUBLIC_BASE_URL_: baseUrl }

/** Names every wrong variable, one per line. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
}

/**
 * Validates a set of environment variables.
 * @throws ConfigurationError
 */
export function parseEnv(variables: Record<string, string | undefined>): Env {
  const value = validate(schema, variables, 'This host cannot start.')
  if (value.ALLOW_PUBLIC_GUESTS === 'false' && !isLoopback(value.APP_ORIGIN)) {
    throw new ConfigurationError(
      `This host cannot start.\n  AUTH_MODE: "guest" lets everyone in, and APP_ORIGIN (${value.APP_ORIGIN}) is public. ` +
        'To allow this, set ALLOW_PUBLIC_GUESTS=true.',
    )
  }
  return {
    ...toStoreEnv(value),
    isDevelopment: value.NODE_ENV === 'development',
    isHttps: value.APP_ORIGIN.startsWith('https:'),
    hostName: value.HOST_NAME,
    allowUnenforcedUploads: value.ALLOW_UNENFORCED_UPLOADS === 'true',
    storeTimeoutMs: value.STORE_TIMEOUT_MS,
    authMode: value.AUTH_MODE,
    sessionSecrets: value.SESSION_SECRETS,
    maxUploadBytes: value.MAX_UPLOAD_BYTES,
    maxPixels: value.MAX_PIXELS,
    cropConcurrency: value.CROP_CONCURRENCY,
    cropQueue: value.CROP_QUEUE,
    cropMemoryBytes: value.CROP_MEMORY_BYTES,
    userQuota: value.USER_QUOTA,
    drainMs: value.DRAIN_MS,
  }
}

/**
 * Validates the variables that describe the buckets. The other variables of a host may be missing.
 * @throws ConfigurationError
 */
export function readStoreEnv(variables: Record<string, string | undefined> = process.env): StoreEnv {
  return toStoreEnv(validate(storeSchema, variables, 'This command needs the variables of a host.'))
}

function toStoreEnv(value: z.infer<typeof storeSchema>): StoreEnv {
  return {
    appOrigin: value.APP_ORIGIN,
    region: value.AWS_REGION,
    bucket: value.S3_BUCKET,
    bucketsOfCollections: byCollection('S3_BUCKET_', value),
    endpoint: value.AWS_ENDPOINT_URL_S3,
    publicEndpoint: value.S3_PUBLIC_ENDPOINT,
    forcePathStyle: value.S3_FORCE_PATH_STYLE === 'true',
    uploadMethod: value.S3_UPLOAD_METHOD,
    publicBaseUrl: value.PUBLIC_BASE_URL,
    publicBaseUrlsOfCollections: byCollection('PUBLIC_BASE_URL_', value),
  }
}

/** @param failure the first line of the error @throws ConfigurationError */
function validate<Shape extends z.ZodRawShape>(
  shape: z.ZodObject<Shape>,
  variables: Record<string, string | undefined>,
  failure: string,
): z.infer<z.ZodObject<Shape>> {
  // An empty value in a compose file or a unit means "not set".
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = shape.extend(schemasOfCollections(set)).safeParse(set)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return name in set ? `${name}: ${issue.message}.` : `${name} is not set. See docs/configuration.md.`
    })
    throw new ConfigurationError(`${failure}\n${lines.map((line) => `  ${line}`).join('\n')}`)
  }
  return parsed.data as z.infer<z.ZodObject<Shape>>
}

function schemasOfCollections(set: object): Record<never, z.ZodType> {
  const schemas = Object.keys(set).flatMap((name) =>
    Object.entries(ofCollections).flatMap(([prefix, schema]) => (name.startsWith(prefix) ? [[name, schema]] : [])),
  )
  return Object.fromEntries(schemas)
}

function byCollection(prefix: keyof typeof ofCollections, value: object): Record<string, string> {
  const own = Object.entries(value).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(own.map(([name, variable]) => [name.slice(prefix.length), variable]))
}

function isLoopback(appOrigin: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(appOrigin).hostname)
}

let parsed: Env | undefined

/** Returns the configuration of this host. Validates it on first use. @throws ConfigurationError */
export function env(): Env {
  parsed ??= parseEnv(process.env)
  return parsed
}
