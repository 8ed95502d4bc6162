'use client'

import { useFormatter, useTranslations } from 'next-intl'

/** File managers and our limits count 1024 × 1024 bytes as 1 MB. */
const kilobyte = 1024
const megabyte = 1024 * 1024

/** Rounds up, so that a value over a limit never reads as equal to it. */
const roundUp = (value: number, digits: number) => Math.ceil(value * 10 ** digits - 1e-9) / 10 ** digits

/** Returns formatters for bytes, pixels and content types in the page's language. */
export function useSizes() {
  const format = useFormatter()
  const translate = useTranslations('upload')

  const inUnit = (bytes: number) =>
    bytes < megabyte
      ? { value: roundUp(bytes / kilobyte, 0), unit: 'kilobyte', digits: 0 }
      : { value: roundUp(bytes / megabyte, 1), unit: 'megabyte', digits: 1 }

  const bytes = (count: number) => {
    const { value, unit } = inUnit(count)
    return format.number(value, { style: 'unit', unit })
  }

  return {
    /** "2.9 MB" */
    bytes,
    /** "42%, 1.2 of 2.9 MB" */
    progress: (fraction: number, total: number) => {
      const { value, digits } = inUnit(total)
      const percent = format.number(Math.floor(fraction * 100) / 100, { style: 'percent' })
      const done = format.number(value * fraction, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      })
      return translate('transfer.progress', { percent, done, total: bytes(total) })
    },
    /** "50 megapixels" */
    pixels: (count: number) => translate('megapixels', { count: roundUp(count / 1_000_000, 1) }),
    /** "JPEG, PNG or WebP" */
    types: (contentTypes: readonly string[]) => format.list(contentTypes.map(typeName), { type: 'disjunction' }),
  }
}

/** Format names are the same in all languages. */
function typeName(contentType: string): string {
  return contentType === 'image/webp' ? 'WebP' : contentType.slice('image/'.length).toUpperCase()
}
