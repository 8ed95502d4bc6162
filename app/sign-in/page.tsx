import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { PageShell } from '@/app/_shell/page-shell'
import { SignInElsewhere } from '@/components/layout/sign-in-elsewhere'
import { SignInProblem } from '@/components/layout/sign-in-problem'
import { SignInScreen } from '@/components/layout/sign-in-screen'
import { SignedIn } from '@/components/layout/signed-in'
import { env } from '@/lib/env'
import { currentUser } from '@/lib/session/current-user'
import { isNotAllowed, type SignInProblem as Problem, signInProblems } from '@/lib/session/oidc/failures'
import { returnPath } from '@/lib/session/return-path'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('session'))('title') }
}

/** Where signed-out people start, and where failed sign-ins end. `to` is the path to come back to. */
export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  if (env().authMode === 'guest') redirect('/')
  const { problem: wanted, to } = await searchParams
  const problem = signInProblems.find((known) => known === wanted) ?? null
  // A tab that was opened to sign in again comes back to this page.
  const path = returnPath(typeof to === 'string' ? to : '/sign-in')
  const content = (await currentUser()) ? signedIn(problem, path) : signedOut(problem, path)
  return <PageShell>{content}</PageShell>
}

function signedIn(problem: Problem | null, path: string) {
  // Another account failed, and the session before it goes on.
  if (problem && isNotAllowed(problem)) return signedOut(problem, path)
  if (problem) redirect('/')
  if (path !== '/sign-in') redirect(path)
  return <SignedIn />
}

function signedOut(problem: Problem | null, path: string) {
  const { helpUrl } = env().site
  if (env().authMode === 'proxy') return <SignInElsewhere helpUrl={helpUrl} />
  const start = `/sign-in/start?${new URLSearchParams({ to: path })}`
  if (!problem) return <SignInScreen href={start} />
  return <SignInProblem problem={problem} href={start} otherAccountHref={`${start}&account=other`} helpUrl={helpUrl} />
}
