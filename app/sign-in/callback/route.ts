import type { NextRequest } from 'next/server'
import { finishSignIn } from '@/lib/session/oidc/sign-in'
import { goTo } from '../go-to'
import { rememberLocale } from '../remember-locale'

/** Receives a person from the provider, and signs them in. */
export function GET(request: NextRequest): Promise<Response> {
  return goTo('finishSignIn', '/', async () => {
    const step = await finishSignIn(request.nextUrl.search)
    if ('person' in step) await rememberLocale(step.person?.locale)
    return step
  })
}
