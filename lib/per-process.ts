import 'server-only'

const values: Record<symbol, unknown> = globalThis as never

/**
 * Returns the process-wide value of this name, created on first use. Next bundles instrumentation, pages and routes
 * separately, so a module-level variable may exist once per bundle.
 */
export function perProcess<T>(name: string, create: () => T): T {
  const symbol = Symbol.for(`anyhost.${name}`)
  values[symbol] ??= create()
  return values[symbol] as T
}
