import { allowedDomain, people } from '@/tools/identity-provider/people'

/** Returns the lines that list who can sign in. */
export function describePeople(): string {
  const lines = people.map(({ name, email, locale }) => {
    const note = email.endsWith(`@${allowedDomain}`) ? locale : 'a stranger: signs in at the provider, and is refused'
    return `    ${name} <${email}> (${note})`
  })
  return `  Sign in as, without a password:\n${lines.join('\n')}\n\n`
}
