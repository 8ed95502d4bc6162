import { setTimeout as sleep } from 'node:timers/promises'
import type { Area, CropAnswer } from '@/lib/images/schema'
import { ApiClient } from '@/tools/testing/api-client'
import { expectStatus, readJson } from '@/tools/testing/http'

/**
 * Signs in as a new guest at one host, without a balancer.
 * @param hostUrl receives the requests of the returned client
 * @param origin of the site
 */
export function signIn(hostUrl: string, origin: string): Promise<ApiClient> {
  const headers = { 'x-forwarded-host': new URL(origin).host, 'x-forwarded-proto': 'http' }
  return ApiClient.signIn({ origin, headers }, hostUrl)
}

/** Crops an upload. Retries after `busy` and its Retry-After. @param onBusy called before each retry */
export async function cropWhenFree(
  person: ApiClient,
  request: { uploadId: string; area: Area },
  onBusy?: () => void,
): Promise<CropAnswer> {
  for (;;) {
    const response = await person.send('POST', '/api/crop', request)
    if (response.status !== 503) return readJson(expectStatus(200, response, 'a crop'))
    onBusy?.()
    await sleep(Number(response.headers['retry-after'] ?? 1) * 1000)
  }
}
