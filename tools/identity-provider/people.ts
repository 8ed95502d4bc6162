/** An account of the provider: claims of OpenID Connect Core §5.1, and the person's groups. */
export interface Account {
  sub: string
  name: string
  email: string
  email_verified: boolean
  locale: string
  groups: string[]
}

/** The domain that may sign in at a stack of `npm run up -- --oidc`. */
export const allowedDomain = 'example.com'

/** Who the sign-in page offers: two people of the allowed domain, and a stranger. */
export const people: readonly Account[] = [
  {
    sub: 'ada',
    name: 'Ada Lovelace',
    email: `ada@${allowedDomain}`,
    email_verified: true,
    locale: 'en-GB',
    groups: ['staff', 'photographers'],
  },
  {
    sub: 'grace',
    name: 'Grace Hopper',
    email: `grace@${allowedDomain}`,
    email_verified: true,
    locale: 'de-DE',
    groups: ['staff'],
  },
  {
    sub: 'mallory',
    name: 'Mallory',
    email: 'mallory@elsewhere.example',
    email_verified: true,
    locale: 'en-US',
    groups: [],
  },
]

/** Claims to have an address of the allowed domain. Only tests sign in as this person: the page has no button for it. */
export const unverified: Account = {
  sub: 'charles',
  name: 'Charles Babbage',
  email: `charles@${allowedDomain}`,
  email_verified: false,
  locale: 'en-GB',
  groups: ['staff'],
}

/** Returns an account for load tests. The page has no button for it. */
export function numberedAccount(sub: string): Account | undefined {
  if (!/^person-\d+$/.test(sub)) return undefined
  return { sub, name: sub, email: `${sub}@${allowedDomain}`, email_verified: true, locale: 'en-GB', groups: ['staff'] }
}

/** Returns the account with this `sub`. */
export function findAccount(sub: string): Account | undefined {
  return [...people, unverified].find((account) => account.sub === sub) ?? numberedAccount(sub)
}
