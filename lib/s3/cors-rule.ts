import type { CorsRule } from './bucket-settings'
import { ownRuleMark } from './own-rule-mark'

/** The headers that a browser asks for before it uploads. A form has none. */
export const uploadHeaders = { post: [], put: ['content-type', 'if-none-match'] }

/** Returns the CORS rule that lets pages of the site upload and read. They read no header of the answers. */
export function corsRule(appOrigin: string, uploadMethod: 'post' | 'put'): CorsRule {
  const headers = uploadHeaders[uploadMethod]
  return {
    ID: ownRuleMark,
    AllowedOrigins: [appOrigin],
    AllowedMethods: ['GET', uploadMethod.toUpperCase()],
    ...(headers.length > 0 && { AllowedHeaders: headers }),
    MaxAgeSeconds: 3600,
  }
}
