import type { Secrets } from './state'

/** The region that the bundled store says it is in. */
export const storeRegion = 'us-east-1'

const bucket = 'anyhost'
/** Longer than any balancer keeps an idle connection, so that it is never the host that closes one. */
const keepAliveMilliseconds = 75_000

/** Variables for hosts; an empty value means "not set". */
export type Environment = Record<string, string | undefined>

/**
 * The environment of this process without what would lead a host to another store: a developer's own AWS credentials
 * and endpoints. Everything else passes, so that limits can be set from outside.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name]
  return env
}

/** A host's configuration, as the contract lists it, for the bundled store and a site on `localhost`. */
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
    // A bucket of its own, so that the buckets' differing is tried all the time.
    S3_BUCKET_COVERS: `${bucket}-covers`,
    // Set to nothing, so that an .env file made for another store does not reach in here.
    PUBLIC_BASE_URL: '',
    AWS_SESSION_TOKEN: '',
    S3_FORCE_PATH_STYLE: 'true',
    S3_PUBLIC_ENDPOINT: `http://localhost:${storePort}`,
    AUTH_MODE: 'guest',
    SESSION_SECRETS: secrets.sessionSecret,
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: serverActionsEncryptionKey,
    // Whoever ends the stack does not want to wait; in it there is no balancer that must notice first.
    DRAIN_MS: '2000',
    KEEP_ALIVE_TIMEOUT: String(keepAliveMilliseconds),
    // As in `npm start`. glibc keeps an arena per thread, which image work fills and never gives back; and it learns to
    // take ever larger pieces from them, unless it is told from which size on a piece is the system's own.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '2097152',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/** The buckets that hosts with this environment use: one, and one for each collection that has its own. */
export function bucketsOf(env: Environment): string[] {
  const buckets = Object.entries(env).flatMap(([name, bucket]) => (/^S3_BUCKET(_|$)/.test(name) && bucket) || [])
  return [...new Set(buckets)]
}
