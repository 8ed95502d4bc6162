import type { NextRequest } from 'next/server'
import { startSignIn } from '@/lib/session/oidc/sign-in'
import { returnPath } from '@/lib/session/return-path'
import { goTo } from '../go-to'

/** Sends a person to the provider. `to` is the path to come back to; with `account=other` they choose an account. */
export function GET(request: NextRequest): Promise<Response> {
  const { searchParams } = request.nextUrl
  const to = returnPath(searchParams.get('to'))
  return goTo('startSignIn', to, () => startSignIn(to, searchParams.get('account') === 'other'))
}
