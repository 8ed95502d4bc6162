/** The limits of requests that screens need too. Browser code takes types from schema.ts, and values from here. */

/** The limit of images in one bulk deletion. */
export const maxDeletedAtOnce = 100
