import type { Secrets } from './state'

/** The region of the bundled store and of Ceph. */
export const storeRegion = 'us-east-1'

const bucket = 'anyhost'
/** Longer than any balancer keeps an idle connection, so that a host never closes one first. */
const keepAliveMilliseconds = 75_000

/** Variables for hosts; an empty value means "not set". */
export type Environment = Record<string, string | undefined>

/**
 * Returns the environment of this process without `AWS_*`: a developer's own credentials and endpoints would lead a host
 * to another store. All other variables are kept, so that limits can be set from outside.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name]
  return env
}

/** Returns the configuration of a host (lib/env.ts) for a local store and a site on `localhost`. */
export function hostEnvironment(options: {
  appOrigin: string
  storePort: number
  secrets: Secrets
  serverActionsEncryptionKey: string
}): Environment {
  const { appOrigin, storePort, secrets, serverActionsEncryptionKey } = options
  return {
    APP_ORIGIN: appOrigin,
    AWS_REGION: storeRegion,
    AWS_ACCESS_KEY_ID: secrets.storeAccessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.storeSecretAccessKey,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${storePort}`,
    S3_BUCKET: bucket,
    // Covers get a separate bucket, so that every run tests an app with two buckets.
    S3_BUCKET_COVERS: `${bucket}-covers`,
    // Empty, so that an .env file for another store does not apply here.
    PUBLIC_BASE_URL: '',
    AWS_SESSION_TOKEN: '',
    S3_FORCE_PATH_STYLE: 'true',
    S3_PUBLIC_ENDPOINT: `http://localhost:${storePort}`,
    AUTH_MODE: 'guest',
    SESSION_SECRETS: secrets.sessionSecret,
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: serverActionsEncryptionKey,
    // Short: Ctrl-C must be quick, and no external balancer has to detect the drain first.
    DRAIN_MS: '2000',
    KEEP_ALIVE_TIMEOUT: String(keepAliveMilliseconds),
    // As in `npm start`. glibc keeps an arena per thread; image work fills it, and glibc never returns that memory. glibc
    // also raises the size from which it uses mmap, unless the threshold is fixed.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '2097152',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/** Returns the buckets that hosts with this environment use: `S3_BUCKET` and each `S3_BUCKET_<COLLECTION>`. */
export function bucketsOf(env: Environment): string[] {
  const buckets = Object.entries(env).flatMap(([name, bucket]) => (/^S3_BUCKET(_|$)/.test(name) && bucket) || [])
  return [...new Set(buckets)]
}
