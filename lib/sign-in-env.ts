import { z } from 'zod'
import { count, flag, isHttp, isLoopback, list, matching, oneOf } from './env-values'
import { findProxyProblems, type ProxyEnv, proxySchema, toProxyEnv } from './proxy-env'

/** The OpenID Connect provider, and who of its people may sign in. */
export interface OidcEnv {
  issuer: string
  clientId: string
  /** Undefined for a public client, which PKCE alone protects. */
  clientSecret: string | undefined
  scopes: string
  /** The claim that lists a person's groups. */
  groupsClaim: string
  /** Domains of verified e-mail addresses, in lower case. Undefined: any. */
  allowedDomains: string[] | undefined
  /** A person needs one of these groups. Undefined: any. */
  allowedGroups: string[] | undefined
}

/** How people sign in. */
export interface SignInEnv {
  authMode: 'guest' | 'oidc' | 'proxy'
  /** Set in the mode `oidc`. */
  oidc: OidcEnv | undefined
  /** Set in the mode `proxy`. */
  proxy: ProxyEnv | undefined
  /** How long after signing in a session ends at the latest, in hours. Guests have no such limit. */
  sessionMaxHours: number
}

/** An issuer's URL is compared as a whole, so it stays as it is. */
const issuer = matching(
  (value) => isHttp(value) && !/[?#]/.test(value) && (value.startsWith('https:') || isLoopback(value)),
  'must be the https URL of an OpenID Connect issuer, such as https://login.example.org/realms/staff',
)

const domains = list(
  (item) => /^([a-z0-9-]+\.)+[a-z0-9-]+$/i.test(item),
  'must be domains such as example.org, separated by commas, without @ or *',
).transform((items) => items.map((item) => item.toLowerCase()))

export const signInSchema = proxySchema.extend({
  AUTH_MODE: oneOf('guest', 'oidc', 'proxy'),
  ALLOW_PUBLIC_GUESTS: flag,
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_SCOPES: matching(
    (value) => value.split(' ').includes('openid'),
    'must be scopes separated by spaces, with openid',
  ).default('openid profile email'),
  OIDC_GROUPS_CLAIM: z.string().default('groups'),
  OIDC_ALLOWED_DOMAINS: domains.optional(),
  OIDC_ALLOWED_GROUPS: list((item) => item !== '', 'must be names of groups, separated by commas').optional(),
  OIDC_ALLOW_EVERYONE: flag,
  SESSION_MAX_HOURS: count(168),
})

type Variables = z.infer<typeof signInSchema>

/** Returns what is wrong with the combination of the variables, one sentence each. */
export function findSignInProblems(value: Variables, appOrigin: string): string[] {
  if (value.AUTH_MODE === 'oidc') return findOidcProblems(value)
  if (value.AUTH_MODE === 'proxy') return findProxyProblems(value)
  if (value.ALLOW_PUBLIC_GUESTS === 'true' || isLoopback(appOrigin)) return []
  return [
    `AUTH_MODE: "guest" lets everyone in, and APP_ORIGIN (${appOrigin}) is public. ` +
      'To allow this, set ALLOW_PUBLIC_GUESTS=true.',
  ]
}

function findOidcProblems(value: Variables): string[] {
  const required = ['OIDC_ISSUER', 'OIDC_CLIENT_ID'] as const
  const problems = required
    .filter((name) => value[name] === undefined)
    .map((name) => `${name} is not set, and AUTH_MODE=oidc needs it. See docs/sign-in.md.`)
  const isLimited = value.OIDC_ALLOWED_DOMAINS || value.OIDC_ALLOWED_GROUPS || value.OIDC_ALLOW_EVERYONE === 'true'
  if (!value.OIDC_ISSUER || isLimited) return problems
  const everyone = servesTheWorld(value.OIDC_ISSUER)
    ? 'everyone in the world with an account there'
    : 'everyone with an account there'
  return [
    ...problems,
    `OIDC_ISSUER: ${value.OIDC_ISSUER} would let in ${everyone}. Set OIDC_ALLOWED_DOMAINS or OIDC_ALLOWED_GROUPS, ` +
      'or OIDC_ALLOW_EVERYONE=true if that is right.',
  ]
}

/** Whether a provider has accounts of people who do not belong to one company: Google, and Entra ID for all tenants. */
export function servesTheWorld(issuer: string): boolean {
  const { hostname, pathname } = new URL(issuer)
  if (hostname === 'accounts.google.com') return true
  return hostname === 'login.microsoftonline.com' && /^\/(common|organizations|consumers)(\/|$)/.test(pathname)
}

/** Call it after `findSignInProblems` found none. */
export function toSignInEnv(value: Variables): SignInEnv {
  const { OIDC_ISSUER: oidcIssuer, OIDC_CLIENT_ID: clientId } = value
  return {
    authMode: value.AUTH_MODE,
    oidc:
      value.AUTH_MODE === 'oidc' && oidcIssuer && clientId
        ? {
            issuer: oidcIssuer,
            clientId,
            clientSecret: value.OIDC_CLIENT_SECRET,
            scopes: value.OIDC_SCOPES,
            groupsClaim: value.OIDC_GROUPS_CLAIM,
            allowedDomains: value.OIDC_ALLOWED_DOMAINS,
            allowedGroups: value.OIDC_ALLOWED_GROUPS,
          }
        : undefined,
    proxy: value.AUTH_MODE === 'proxy' ? toProxyEnv(value) : undefined,
    sessionMaxHours: value.SESSION_MAX_HOURS,
  }
}
