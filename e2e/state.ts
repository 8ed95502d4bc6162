import { rm } from 'node:fs/promises'
import { identityProviderVariables } from '@/tools/identity-provider/identity-provider'
import { expectLogsWithoutSecrets } from '@/tools/testing/find-secrets'
import { stateDirectory } from './addresses'

const { OIDC_CLIENT_SECRET } = identityProviderVariables('')
const others = { OIDC_CLIENT_SECRET: OIDC_CLIENT_SECRET as string }

/** Deletes the state of a stack that has ended. @throws Error if its logs contain secrets (security S35) */
export async function removeState(directory: string): Promise<void> {
  await expectLogsWithoutSecrets(directory, others)
  await rm(directory, { recursive: true })
}

/** Searches the logs of the site's stack after all tests. Playwright calls it. */
export default function searchLogs(): Promise<void> {
  return expectLogsWithoutSecrets(stateDirectory, others)
}
