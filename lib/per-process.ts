import 'server-only'

const kept: Record<symbol, unknown> = globalThis as never

/**
 * What there is one of in a process. Next bundles instrumentation, pages and routes apart, so that a module's own
 * variables may exist once for each of them; what one of them sets for another stands here.
 * @param make called once, whoever asks first
 */
export function perProcess<T>(name: string, make: () => T): T {
  const symbol = Symbol.for(`anyhost.${name}`)
  kept[symbol] ??= make()
  return kept[symbol] as T
}
