import { getRequestConfig } from 'next-intl/server'
import collections from '@/messages/en/collections.json'
import common from '@/messages/en/common.json'
import crop from '@/messages/en/crop.json'
import errors from '@/messages/en/errors.json'
import gallery from '@/messages/en/gallery.json'
import site from '@/messages/en/site.json'
import upload from '@/messages/en/upload.json'

const messages = { common, collections, site, upload, crop, gallery, errors }

/** Returns the locale and messages of a request. English only; another language is another folder in messages/. */
export default getRequestConfig(async () => ({ locale: 'en', timeZone: 'UTC', messages }))

declare module 'next-intl' {
  interface AppConfig {
    Locale: 'en'
    Messages: typeof messages
  }
}
