import { z } from 'zod'

/** A schema of one variable. Each has its own message: those of zod describe JavaScript types. */
export const matching = (isRight: (value: string) => boolean, message: string) => z.string().refine(isRight, message)

export const count = (fallback: number) =>
  matching((value) => /^[1-9]\d{0,14}$/.test(value), 'must be a whole number of 1 or more, without a unit')
    .transform(Number)
    .default(fallback)

export const port = matching(
  (value) => /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65_536,
  'must be a port from 1 to 65535',
).transform(Number)

export const oneOf = <const Options extends string[]>(...options: Options) =>
  z.enum(options, { error: `must be ${options.join(' or ')}` })

/** Whether a text is an http or https URL. */
export const isHttp = (value: string) => /^https?:/.test(value) && URL.canParse(value)

export const origin = matching(
  (value) => isHttp(value) && new URL(value).origin === value,
  'must be an origin such as https://me.example.org, without a path or a slash at its end',
)

export const secrets = matching(
  (value) => splitList(value).every((secret) => secret.length >= 32),
  'must have at least 32 characters in each secret; secrets are separated by commas',
).transform(splitList)

/** A list without empty items. */
export const list = (isRight: (item: string) => boolean, message: string) =>
  matching((value) => splitList(value).every(isRight), message).transform(splitList)

function splitList(value: string): string[] {
  return value.split(',').map((item) => item.trim())
}

export const bucketName = matching(
  (value) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value),
  'must be a bucket name: 3 to 63 lower-case letters, digits, dots and dashes',
)

/** Without trailing slashes, so that a key can follow. */
export const baseUrl = matching(
  (value) => isHttp(value) && !/[?#]/.test(value),
  'must be a URL such as https://cdn.example.org',
).transform((url) => url.replace(/\/+$/, ''))

export const url = matching(isHttp, 'must be a URL such as https://example.org/page')

export const flag = oneOf('true', 'false').default('false')

/** Whether an http URL stays on this machine. */
export function isLoopback(address: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname)
}
