import 'server-only'
import * as oidc from 'openid-client'
import type { NotAllowed } from './person'

/**
 * Why a login failed. `expired`: it began in another browser or too long ago. `cancelled`: the person or the provider
 * declined. `provider`: the provider does not answer, or not as it should. `failed`: its answer does not fit this login.
 * `internal`: a bug or an outage on our side.
 */
export type SignInProblem = 'expired' | 'cancelled' | 'provider' | 'failed' | 'internal' | NotAllowed

export const signInProblems: readonly SignInProblem[] = [
  'expired',
  'cancelled',
  'provider',
  'failed',
  'internal',
  'not_verified',
  'not_allowed',
]

export function isNotAllowed(problem: SignInProblem): problem is NotAllowed {
  return problem === 'not_allowed' || problem === 'not_verified'
}

const declined = ['access_denied', 'login_required', 'consent_required', 'interaction_required']

const noAnswer = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR']

/** Returns what an error of a login means for the person; null if it is not the provider's. */
export function toProblem(error: unknown): SignInProblem | null {
  if (error instanceof oidc.AuthorizationResponseError) {
    return declined.includes(error.error) ? 'cancelled' : 'provider'
  }
  // The code was used before, or is too old.
  if (error instanceof oidc.ResponseBodyError) return error.error === 'invalid_grant' ? 'failed' : 'provider'
  if (error instanceof oidc.WWWAuthenticateChallengeError) return 'provider'
  if (error instanceof oidc.ClientError) return noAnswer.includes(error.code ?? '') ? 'provider' : 'failed'
  // `fetch` rejects with a TypeError if there is no response.
  return error instanceof TypeError ? 'provider' : null
}

/**
 * Describes an error for the log, by codes: its message and causes may contain codes, tokens or e-mail addresses
 * (security S35).
 */
export function describeFailure(error: unknown): Record<string, unknown> {
  if (error instanceof oidc.AuthorizationResponseError) return { error: error.error }
  if (error instanceof oidc.ResponseBodyError) return { error: error.error, status: error.status }
  if (error instanceof oidc.WWWAuthenticateChallengeError) return { status: error.status }
  if (error instanceof oidc.ClientError) return { code: error.code, reason: error.message }
  return { err: error }
}
