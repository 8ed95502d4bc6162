import 'server-only'
import { createHash, createHmac } from 'node:crypto'
import { type Env, env } from '@/lib/env'
import { perProcess } from '@/lib/per-process'

/** Marks of the variables that must be the same on all hosts, by name, for one session secret. */
export type Marks = Record<string, string>

/**
 * Returns marks of the configuration, one set per session secret, newest first. Equal values have equal marks on all
 * hosts with that secret. `npm run bucket -- doctor` compares them.
 *
 * A mark is an HMAC whose key is derived from the secret, cut to 48 bits. Without the secret, it shows no value and can
 * confirm no guess, so `/readyz` may be public. There is one set per secret because hosts have different newest secrets
 * during a rotation, and compare the set of one that they share.
 */
export function fingerprint(configuration: Env): [Marks, ...Marks[]] {
  const values = sharedValues(configuration)
  return configuration.sessionSecrets.map((secret) => {
    const key = createHash('sha256').update(`anyhost configuration mark\n${secret}`).digest()
    const mark = (name: string, value: unknown) =>
      createHmac('sha256', key)
        .update(JSON.stringify([name, value ?? null]))
        .digest('base64url')
        .slice(0, 8)
    const marks = Object.entries(values).map(([name, value]) => [name, mark(name, value)])
    return { [secretName]: mark(secretName, null), ...Object.fromEntries(marks) }
  }) as [Marks, ...Marks[]]
}

/** The name of a set's own mark: two hosts share a secret if they share it. */
export const secretName = 'SESSION_SECRETS'

/** The variables that must be the same everywhere. Limits of one machine, its name and its way to the store may differ. */
function sharedValues(env: Env): Record<string, unknown> {
  const sorted = (values: Record<string, string>) => Object.entries(values).sort()
  return {
    APP_ORIGIN: env.appOrigin,
    AUTH_MODE: env.authMode,
    'PROXY_*': env.proxy,
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: env.serverActionsEncryptionKey,
    AWS_REGION: env.region,
    S3_BUCKET: env.bucket,
    'S3_BUCKET_*': sorted(env.bucketsOfCollections),
    S3_PUBLIC_ENDPOINT: env.publicEndpoint ?? env.endpoint,
    S3_FORCE_PATH_STYLE: env.forcePathStyle,
    S3_UPLOAD_METHOD: env.uploadMethod,
    PUBLIC_BASE_URL: env.publicBaseUrl,
    'PUBLIC_BASE_URL_*': sorted(env.publicBaseUrlsOfCollections),
    MAX_UPLOAD_BYTES: env.maxUploadBytes,
    MAX_PIXELS: env.maxPixels,
    USER_QUOTA: env.userQuota,
  }
}

/** Returns the fingerprint of this host as a header. */
export function configurationFingerprint(): string {
  return perProcess('configuration-fingerprint', () => formatFingerprint(fingerprint(env())))
}

/** Formats a fingerprint as a header: `NAME=mark NAME=mark, NAME=mark …`. */
export function formatFingerprint(sets: Marks[]): string {
  return sets
    .map((marks) =>
      Object.entries(marks)
        .map(([name, mark]) => `${name}=${mark}`)
        .join(' '),
    )
    .join(', ')
}

/** Parses what `formatFingerprint` returns. */
export function parseFingerprint(header: string): Marks[] {
  return header
    .split(', ')
    .map((set) => Object.fromEntries(set.split(' ').map((pair) => pair.split('=', 2) as [string, string])))
}
