import Negotiator from 'negotiator'

/** Longer lists are no browser's. */
const maxTags = 20

/**
 * Chooses the language of the texts: the person's choice if it exists, else the first of the browser's languages that
 * does. The locale adds the region that the browser prefers for it, for dates and numbers: `de` becomes `de-AT`.
 * Uses `Intl` only: `@formatjs/intl-localematcher` keeps every tag it ever saw in memory, and anyone can send tags.
 * @param choice the tag of a language; anything else is ignored
 * @param acceptLanguage the header of a request
 */
export function chooseLocale(
  choice: string | undefined,
  acceptLanguage: string | null,
  languages: readonly string[],
  fallback: string,
): { language: string; locale: string } {
  const accepted = new Negotiator({ headers: { 'accept-language': acceptLanguage ?? '' } })
    .languages()
    .slice(0, maxTags)
    .flatMap((tag) => {
      const locale = parseTag(tag)
      return locale ? { locale, language: match(locale, languages) } : []
    })
  const chosen = choice && languages.includes(choice) ? choice : undefined
  const language = chosen ?? accepted.find((each) => each.language)?.language ?? fallback
  const region = accepted.find((each) => each.language === language && each.locale.region)?.locale.region
  return { language, locale: region && !new Intl.Locale(language).region ? `${language}-${region}` : language }
}

/** Returns in which direction a language is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return new Intl.Locale(language).getTextInfo().direction === 'rtl' ? 'rtl' : 'ltr'
}

/** Returns a language's own name for itself, such as "Deutsch". */
export function nameOf(language: string): string {
  return new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language
}

/** Returns null for a wrong tag, and for `*`. */
function parseTag(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag)
  } catch {
    return null
  }
}

/** Returns the language that is the same in the same script: that of the region, else the one for all regions. */
function match(wanted: Intl.Locale, languages: readonly string[]): string | undefined {
  const { language, script, region } = wanted.maximize()
  const sameScript = languages
    .map((tag) => ({ tag, locale: new Intl.Locale(tag).maximize() }))
    .filter(({ locale }) => locale.language === language && locale.script === script)
  const ofRegion = sameScript.find(({ locale }) => locale.region === region)
  const forAll = sameScript.find(({ tag }) => !new Intl.Locale(tag).region)
  return (ofRegion ?? forAll ?? sameScript[0])?.tag
}
