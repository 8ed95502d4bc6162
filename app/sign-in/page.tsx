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
import { signInProblems } from '@/lib/session/oidc/failures'
import { returnPath } from '@/lib/session/return-path'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('session'))('title') }
}

/** Where signed-out people start, and where failed sign-ins end. `to` is the path to come back to. */
export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  if (env().authMode === 'guest') redirect('/')
  const { problem, to } = await searchParams
  const content = (await currentUser()) ? <SignedIn /> : signedOut(problem, to)
  return <PageShell>{content}</PageShell>
}

type Param = string | string[] | undefined

function signedOut(wanted: Param, to: Param) {
  const { helpUrl } = env().site
  if (env().authMode === 'proxy') return <SignInElsewhere helpUrl={helpUrl} />
  const problem = [...signInProblems, 'internal' as const].find((known) => known === wanted)
  // A tab that was opened to sign in again comes back to this page.
  const start = `/sign-in/start?${new URLSearchParams({ to: returnPath(typeof to === 'string' ? to : '/sign-in') })}`
  if (!problem) return <SignInScreen href={start} />
  return <SignInProblem problem={problem} href={start} otherAccountHref={`${start}&account=other`} helpUrl={helpUrl} />
}
