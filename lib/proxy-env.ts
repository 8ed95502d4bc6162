import { z } from 'zod'
import { isHttp, isLoopback, matching } from './env-values'

/** Which signed header identifies people, and whose signature counts. */
export type ProxyEnv = {
  /** Where "Sign out" leads: a path of this origin, or a URL. Undefined: there is no such button. */
  signOutUrl: string | undefined
} & (
  | {
      kind: 'jwks'
      /** Name of the header, in lower case. */
      header: string
      issuer: string
      audience: string
      jwksUrl: string
    }
  /** An AWS Application Load Balancer, whose token has a special format. */
  | { kind: 'alb'; arn: string }
)

const withoutSpaces = (example: string) =>
  matching((value) => /^[!-~]{1,500}$/.test(value), `must be one value without spaces, such as ${example}`)

const albArn = /^arn:aws(-us-gov|-cn)?:elasticloadbalancing:[a-z\d-]+:\d{12}:loadbalancer\/app\/[\w-]+\/[\da-f]+$/

export const proxySchema = z.object({
  PROXY_JWT_HEADER: matching(
    (value) => /^[a-z][\w-]*$/i.test(value) && value.toLowerCase() !== 'cookie',
    'must be the name of a header, such as cf-access-jwt-assertion',
  )
    .transform((name) => name.toLowerCase())
    .optional(),
  PROXY_JWT_ISSUER: withoutSpaces('https://login.example.org').optional(),
  PROXY_JWT_AUDIENCE: withoutSpaces('anyhost').optional(),
  // Someone between the hosts and this URL could replace keys that come by plain http.
  PROXY_JWKS_URL: matching(
    (value) => isHttp(value) && (value.startsWith('https:') || isLoopback(value)),
    'must be an https URL, such as https://login.example.org/jwks',
  ).optional(),
  PROXY_ALB_ARN: matching(
    (value) => albArn.test(value),
    'must be the ARN of an Application Load Balancer, such as arn:aws:elasticloadbalancing:…:loadbalancer/app/…',
  ).optional(),
  PROXY_SIGN_OUT_URL: matching(
    // Browsers read // and /\ as the start of another origin.
    (value) => isHttp(value) || /^\/(?![/\\])[!-~]*$/.test(value),
    'must be a path such as /oauth2/sign_out, or a URL such as https://example.org/sign-out',
  ).optional(),
})

type Variables = z.infer<typeof proxySchema>

const genericNames = ['PROXY_JWT_HEADER', 'PROXY_JWT_ISSUER', 'PROXY_JWT_AUDIENCE', 'PROXY_JWKS_URL'] as const

/** Returns what is wrong with the combination of the variables in `AUTH_MODE=proxy`, one sentence each. */
export function findProxyProblems(value: Variables): string[] {
  if (value.PROXY_ALB_ARN) {
    const extra = genericNames.filter((name) => value[name] !== undefined)
    return extra.map((name) => `${name}: must not be set together with PROXY_ALB_ARN.`)
  }
  const missing = genericNames.filter((name) => value[name] === undefined)
  return missing.map((name) => `${name} is not set, and AUTH_MODE=proxy needs it. See docs/sign-in.md.`)
}

/** Call it after `findProxyProblems` found none. */
export function toProxyEnv(value: Variables): ProxyEnv | undefined {
  const { PROXY_SIGN_OUT_URL: signOutUrl, PROXY_ALB_ARN: arn } = value
  if (arn) return { kind: 'alb', arn, signOutUrl }
  const { PROXY_JWT_HEADER: header, PROXY_JWT_ISSUER: issuer } = value
  const { PROXY_JWT_AUDIENCE: audience, PROXY_JWKS_URL: jwksUrl } = value
  if (!header || !issuer || !audience || !jwksUrl) return undefined
  return { kind: 'jwks', header, issuer, audience, jwksUrl, signOutUrl }
}
