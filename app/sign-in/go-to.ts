import 'server-only'
import { runStep } from '@/app/_shell/run-step'
import { env } from '@/lib/env'
import { ok } from '@/lib/result'
import type { SignInProblem } from '@/lib/session/oidc/failures'
import type { SignInStep } from '@/lib/session/oidc/sign-in'

/** Runs a step of a login, and redirects to its next address. A failure leads to the page `/sign-in`, never to a 500. */
export async function goTo(name: string, to: string, step: () => Promise<SignInStep>): Promise<Response> {
  if (env().authMode !== 'oidc') return redirect('/')
  const result = await runStep(name, async () => ok(await step()))
  if (!result.ok) return fail('internal', to)
  const { value } = result
  return 'next' in value ? redirect(value.next) : fail(value.problem, value.to ?? to)
}

function fail(problem: SignInProblem, to: string): Response {
  return redirect(`/sign-in?${new URLSearchParams({ problem, ...(to !== '/' && { to }) })}`)
}

/** @param address of this site, or absolute */
function redirect(address: string): Response {
  const location = new URL(address, env().appOrigin).href
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
}
