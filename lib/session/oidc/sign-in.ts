import 'server-only'
import * as oidc from 'openid-client'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { startAccount } from '@/lib/session/account'
import { servesTheWorld } from '@/lib/sign-in-env'
import { describeFailure, type SignInProblem, toProblem } from './failures'
import { keepIdToken } from './id-token'
import { findLogin, forgetLogin, keepLogin } from './login'
import { addClaims, findRefusal, type Person, toPerson } from './person'
import { oidcEnv, provider } from './provider'

/** Where the provider sends people back. Deployers enter this address at the provider (docs/sign-in.md). */
export const callbackPath = '/sign-in/callback'

/** A step of a login: the address to go to next, or why it failed. The last step has the person. */
export type SignInStep = { next: string; person?: Person } | { problem: SignInProblem; to?: string }

/**
 * Starts a login.
 * @param to the path to go to afterwards
 * @param choosesAccount whether the provider asks which account to use, even if the person has a session there
 * @returns the provider's address
 */
export async function startSignIn(to: string, choosesAccount: boolean): Promise<SignInStep> {
  return withProblems('start', to, async () => {
    const server = await provider()
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
    await keepLogin({ state, nonce, verifier, to })
    const next = oidc.buildAuthorizationUrl(server, {
      redirect_uri: `${env().appOrigin}${callbackPath}`,
      scope: oidcEnv().scopes,
      response_type: 'code',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(choosesAccount && { prompt: accountPrompt(server) }),
    })
    return { next: next.href }
  })
}

/** Every provider knows `login` (OpenID Connect Core §3.1.2.1), apart from those that serve the whole world. */
function accountPrompt(server: oidc.Configuration): string {
  const known = server.serverMetadata().prompt_values_supported as string[] | undefined
  return known?.includes('select_account') || servesTheWorld(oidcEnv().issuer) ? 'select_account' : 'login'
}

/**
 * Finishes a login: exchanges the code, checks the ID token, decides whether the person may sign in, and starts the
 * session. Any host can do it.
 * @param search the query of the callback
 */
export async function finishSignIn(search: string): Promise<SignInStep> {
  const state = new URLSearchParams(search).get('state') ?? ''
  const login = await findLogin(state)
  if (!login) return { problem: 'expired' }
  await forgetLogin(state)
  const { to } = login
  return withProblems('finish', to, async () => {
    const server = await provider()
    // Behind a balancer, the request has another origin.
    const tokens = await oidc.authorizationCodeGrant(server, new URL(callbackPath + search, env().appOrigin), {
      pkceCodeVerifier: login.verifier,
      expectedNonce: login.nonce,
      expectedState: state,
      idTokenExpected: true,
    })
    const person = await readPerson(server, tokens)
    const refusal = findRefusal(person, oidcEnv())
    if (refusal) {
      log().info({ issuer: oidcEnv().issuer, problem: refusal }, 'sign-in refused')
      return { problem: refusal, to }
    }
    await startAccount(person.identity)
    await keepIdToken(tokens.id_token)
    return { next: to, person }
  })
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>

/** Reads the claims of the ID token, and those that it lacks from the UserInfo endpoint. */
async function readPerson(server: oidc.Configuration, tokens: Tokens): Promise<Person> {
  const claims = tokens.claims() ?? {}
  const { groupsClaim, allowedGroups } = oidcEnv()
  const wanted = ['name', 'email', 'email_verified', ...(allowedGroups ? [groupsClaim] : [])]
  const isComplete = wanted.every((name) => name in claims)
  if (isComplete || !('sub' in claims) || !server.serverMetadata().userinfo_endpoint) return toPerson(claims, oidcEnv())
  const info = await oidc.fetchUserInfo(server, tokens.access_token, claims.sub as string)
  return toPerson(addClaims(claims, info), oidcEnv())
}

/** Turns errors of the provider into problems, and logs them. @throws the others */
async function withProblems(
  step: 'start' | 'finish',
  to: string,
  work: () => Promise<SignInStep>,
): Promise<SignInStep> {
  try {
    return await work()
  } catch (error) {
    const problem = toProblem(error)
    if (!problem) throw error
    const level = problem === 'cancelled' ? 'info' : 'error'
    log()[level]({ issuer: oidcEnv().issuer, problem, ...describeFailure(error) }, `sign-in failed to ${step}`)
    // Nothing that a person does helps if the start fails.
    return { problem: step === 'start' ? 'provider' : problem, to }
  }
}
