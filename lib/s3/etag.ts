/**
 * Returns an ETag without quotes and weakness. Proxies in front of a store, such as nginx with gzip, make ETags weak
 * (`W/"…"`) without changing the bytes, so ETags are compared weakly (RFC 9110, 8.8.3.2).
 */
export function bareEtag(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '')
}
