import { expect, test } from 'vitest'
import { chooseLocale, directionOf, nameOf } from './locale'

const languages = ['ar', 'de', 'en', 'pt-BR', 'zh-Hans', 'zh-Hant']
const choose = (choice: string | undefined, acceptLanguage: string | null) => {
  const { language, locale } = chooseLocale(choice, acceptLanguage, languages, 'en')
  return [language, locale]
}

test('U75: the browser chooses the language of the texts and the region of dates and numbers', () => {
  expect(choose(undefined, 'de-AT,de;q=0.9,en;q=0.8')).toEqual(['de', 'de-AT'])
  expect(choose(undefined, 'ar-EG')).toEqual(['ar', 'ar-EG'])
  expect(choose(undefined, 'en-GB,en')).toEqual(['en', 'en-GB'])
  expect(choose(undefined, 'en;q=0.1,de')).toEqual(['de', 'de'])
  // The first languages are not available.
  expect(choose(undefined, 'fi, sw-KE, de-CH')).toEqual(['de', 'de-CH'])
  // Tags of other regions and scripts.
  expect(choose(undefined, 'zh-TW')).toEqual(['zh-Hant', 'zh-Hant-TW'])
  expect(choose(undefined, 'zh-SG')).toEqual(['zh-Hans', 'zh-Hans-SG'])
  expect(choose(undefined, 'de-Hebr, ar')).toEqual(['ar', 'ar'])
  // A language with a region in its tag keeps it.
  expect(choose(undefined, 'pt-PT')).toEqual(['pt-BR', 'pt-BR'])
})

test('U75: a region without texts gets those for all regions', () => {
  expect(chooseLocale(undefined, 'en-GB', ['de', 'en-XA', 'en'], 'en')).toEqual({ language: 'en', locale: 'en-GB' })
  expect(chooseLocale(undefined, 'en-XA', ['de', 'en-XA', 'en'], 'en')).toEqual({ language: 'en-XA', locale: 'en-XA' })
})

test('U75: a choice by hand wins, with the region of the browser for that language', () => {
  expect(choose('de', 'en-GB, de-AT')).toEqual(['de', 'de-AT'])
  expect(choose('ar', 'en-GB')).toEqual(['ar', 'ar'])
  expect(choose('xx', 'de')).toEqual(['de', 'de'])
})

test('U75: other headers lead to English', () => {
  for (const header of [null, '', '*', 'fi', 'x'.repeat(5000), ';;,,q=', 'en_US', '\u0000', 'xx-yy-zz-1']) {
    expect(choose(undefined, header)).toEqual(['en', 'en'])
  }
  // Extensions could change the calendar and the digits.
  expect(choose(undefined, 'de-DE-u-nu-arab-ca-buddhist')).toEqual(['de', 'de-DE'])
})

test('U25: directionOf and nameOf describe a language', () => {
  expect(['ar', 'de', 'en', 'he'].map(directionOf)).toEqual(['rtl', 'ltr', 'ltr', 'rtl'])
  expect(nameOf('de')).toBe('Deutsch')
  expect(nameOf('ar')).toBe('العربية')
})
