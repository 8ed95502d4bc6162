import 'server-only'
import { hostname } from 'node:os'
import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { collections } from '@/lib/images/collections'
import { baseUrl, bucketName, count, flag, isHttp, matching, oneOf, origin, port, secrets, url } from './env-values'
import { findSignInProblems, type SignInEnv, signInSchema, toSignInEnv } from './sign-in-env'

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

/** The brand of the site. */
export interface SiteEnv {
  name: string
  /** The colour of buttons and links, as hex; undefined means that of `app/globals.css`. */
  accent: string | undefined
  /** The picture at the top of each page: a path in `public/`, or a URL. */
  logo: string | undefined
  /** Where the name at the top of each page leads; undefined means the first page. */
  homeUrl: string | undefined
  imprintUrl: string | undefined
  /** Where people who may not sign in find help: a page, or `mailto:`. */
  helpUrl: string | undefined
  privacyUrl: string | undefined
}

/** The configuration of this host: docs/configuration.md. Only this file reads process.env, and only at run time. */
export interface Env extends StoreEnv, SignInEnv {
  site: SiteEnv
  isDevelopment: boolean
  /** Whether the public origin is https. Then cookies are `Secure` and have the prefix `__Host-`. */
  isHttps: boolean
  /** Name of this host in logs and in the header `x-served-by`. */
  hostName: string
  /** Whether this host starts on a store that does not enforce signed uploads. */
  allowUnenforcedUploads: boolean
  /** How long a step may wait for the store in total, in milliseconds. One try of a request gets a quarter of it. */
  storeTimeoutMs: number
  /** Secrets of the session cookie, newest first. The newest one seals; all of them open. */
  sessionSecrets: string[]
  /** Key of Next's server actions: base64. Undefined means one that the build chose. */
  serverActionsEncryptionKey: string | undefined
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
  /** The port of `/metrics`; undefined serves none. */
  metricsPort: number | undefined
  /** The address that the host listens on; undefined means all. */
  hostname: string | undefined
}

const storeSchema = z.object({
  APP_ORIGIN: origin,
  AWS_REGION: matching((value) => /^[\w-]+$/.test(value), 'must be a region such as eu-central-1'),
  S3_BUCKET: bucketName,
  AWS_ENDPOINT_URL: origin.optional(),
  AWS_ENDPOINT_URL_S3: origin.optional(),
  S3_PUBLIC_ENDPOINT: origin.optional(),
  S3_FORCE_PATH_STYLE: flag,
  S3_UPLOAD_METHOD: oneOf('post', 'put').default('post'),
  PUBLIC_BASE_URL: baseUrl.optional(),
})

const schema = storeSchema.extend(signInSchema.shape).extend({
  SITE_NAME: matching((value) => /^\P{C}{1,40}$/u.test(value), 'must be 1 to 40 characters').default('anyhost'),
  // Some readers of environment files take # for a comment, so it may be missing.
  SITE_ACCENT: matching((value) => /^#?([\da-f]{3}|[\da-f]{6})$/i.test(value), 'must be a colour such as #7c3aed')
    .transform((value) => `#${value.replace('#', '')}`)
    .optional(),
  SITE_LOGO: matching(
    (value) => isHttp(value) || /^(\/[\w-][\w.-]*)+$/.test(value),
    'must be a file in public/, such as /logo.svg, or a URL such as https://example.org/logo.svg',
  ).optional(),
  SITE_HOME_URL: url.optional(),
  SITE_HELP_URL: matching(
    (value) => isHttp(value) || /^mailto:[^@\s]+@[^@\s]+$/.test(value),
    'must be a URL such as https://example.org/help, or mailto:help@example.org',
  ).optional(),
  SITE_IMPRINT_URL: url.optional(),
  SITE_PRIVACY_URL: url.optional(),
  NODE_ENV: z.string().optional(),
  HOST_NAME: matching(
    (value) => /^[\w.-]{1,64}$/.test(value),
    'must be 1 to 64 letters, digits, underscores, dots and dashes',
  ).default(hostname()),
  ALLOW_UNENFORCED_UPLOADS: flag,
  STORE_TIMEOUT_MS: count(30_000),
  SESSION_SECRETS: secrets,
  NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: matching(
    (value) => [16, 24, 32].includes(Buffer.from(value, 'base64').length),
    'must be 32 bytes in base64, as from openssl rand -base64 32',
  ).optional(),
  MAX_UPLOAD_BYTES: count(50 * 1024 * 1024),
  MAX_PIXELS: count(50_000_000),
  CROP_CONCURRENCY: count(2),
  CROP_QUEUE: count(32),
  CROP_MEMORY_BYTES: count(450_000_000),
  USER_QUOTA: count(1000),
  DRAIN_MS: count(25_000),
  METRICS_PORT: port.optional(),
  HOSTNAME: z.string().optional(),
})

/** Variables that end with the upper-case name of a collection. */
const ofCollections = { S3_BUCKET_: bucketName, PUBLIC_BASE_URL_: baseUrl }

const schemasOfCollections: Record<string, z.ZodType<string | undefined>> = Object.fromEntries(
  collections.flatMap(({ name }) =>
    Object.entries(ofCollections).map(([prefix, each]) => [`${prefix}${variableName(name)}`, each.optional()]),
  ),
)

/** Variables that Next, Node and glibc read (docs/configuration.md). */
const serverVariables = [
  'PORT',
  'KEEP_ALIVE_TIMEOUT',
  'NODE_COMPILE_CACHE',
  'MALLOC_ARENA_MAX',
  'MALLOC_MMAP_THRESHOLD_',
]

/** Every variable of a host. */
export const variableNames: readonly string[] = [
  ...Object.keys(schema.shape),
  ...Object.keys(schemasOfCollections),
  ...serverVariables,
]

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
  const problems = findSignInProblems(value, value.APP_ORIGIN)
  if (problems.length > 0) throw new ConfigurationError(toMessage('This host cannot start.', problems))
  return {
    ...toStoreEnv(value),
    ...toSignInEnv(value),
    site: {
      name: value.SITE_NAME,
      accent: value.SITE_ACCENT,
      logo: value.SITE_LOGO,
      homeUrl: value.SITE_HOME_URL,
      helpUrl: value.SITE_HELP_URL,
      imprintUrl: value.SITE_IMPRINT_URL,
      privacyUrl: value.SITE_PRIVACY_URL,
    },
    isDevelopment: value.NODE_ENV === 'development',
    isHttps: value.APP_ORIGIN.startsWith('https:'),
    hostName: value.HOST_NAME,
    allowUnenforcedUploads: value.ALLOW_UNENFORCED_UPLOADS === 'true',
    storeTimeoutMs: value.STORE_TIMEOUT_MS,
    sessionSecrets: value.SESSION_SECRETS,
    serverActionsEncryptionKey: value.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY,
    maxUploadBytes: value.MAX_UPLOAD_BYTES,
    maxPixels: value.MAX_PIXELS,
    cropConcurrency: value.CROP_CONCURRENCY,
    cropQueue: value.CROP_QUEUE,
    cropMemoryBytes: value.CROP_MEMORY_BYTES,
    userQuota: value.USER_QUOTA,
    drainMs: value.DRAIN_MS,
    metricsPort: value.METRICS_PORT,
    hostname: value.HOSTNAME,
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
    // As in the SDK, which would read them itself.
    endpoint: value.AWS_ENDPOINT_URL_S3 ?? value.AWS_ENDPOINT_URL,
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
  const parsed = shape.extend(schemasOfCollections).safeParse(set)
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0])
    return name in set ? `${name}: ${issue.message}.` : `${name} is not set. See docs/configuration.md.`
  })
  const lines = [...wrong, ...Object.keys(set).flatMap((name) => describeTypo(name) ?? [])]
  if (!parsed.success || lines.length > 0) {
    throw new ConfigurationError(toMessage(failure, lines))
  }
  return parsed.data as z.infer<z.ZodObject<Shape>>
}

/**
 * Returns the error of a variable that looks like one of ours and is none. Otherwise a host would silently ignore it and
 * use a default. The environment also has variables of other programs.
 */
function describeTypo(name: string): string | undefined {
  // AWS_ENDPOINT_URL_STS and others belong to the AWS SDK.
  if (variableNames.includes(name) || name.startsWith('AWS_ENDPOINT_URL')) return undefined
  const near = closest(name.toUpperCase(), distinctiveNames)
  const prefix = Object.keys(ofCollections).find((each) => name.startsWith(each))
  if (prefix && distance(name, near) > maxTypos) {
    const known = Object.keys(schemasOfCollections).filter((each) => each.startsWith(prefix))
    return `${name}: is of no collection. Use ${known.join(' or ')}.`
  }
  return distance(name.toUpperCase(), near) <= maxTypos ? `${name}: is unknown. Did you mean ${near}?` : undefined
}

function toMessage(failure: string, lines: string[]): string {
  return `${failure}\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** Edits that make a typo. Two swapped letters are two edits. */
const maxTypos = 2

/** Names that no other program has with a letter more or less. */
const distinctiveNames = variableNames.filter((name) => !['PORT', 'HOSTNAME', 'NODE_ENV'].includes(name))

function byCollection(prefix: keyof typeof ofCollections, value: object): Record<string, string> {
  const own = Object.entries(value).filter(([name, variable]) => name.startsWith(prefix) && variable !== undefined)
  return Object.fromEntries(own.map(([name, variable]) => [name.slice(prefix.length), variable]))
}

/** Converts `team-logos` to `TEAM_LOGOS`: a shell cannot set a variable with a hyphen in its name. */
export function variableName(collection: string): string {
  return collection.toUpperCase().replaceAll('-', '_')
}

let parsed: Env | undefined

/** Returns the configuration of this host. Validates it on first use. @throws ConfigurationError */
export function env(): Env {
  parsed ??= parseEnv(process.env)
  return parsed
}
