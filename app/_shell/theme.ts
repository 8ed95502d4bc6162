import type { cookies } from 'next/headers'

/** Reads the chosen theme from the cookie that ThemeChoice writes. */
export function themeOf(jar: Awaited<ReturnType<typeof cookies>>): 'system' | 'light' | 'dark' {
  const value = jar.get('theme')?.value
  return value === 'light' || value === 'dark' ? value : 'system'
}
