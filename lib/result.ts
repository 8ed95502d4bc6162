/**
 * Every refusal that a caller can expect: its stable code, HTTP status and public sentence.
 * The sentence is for API clients and logs; screens show the translated one, `errors.<code>` in messages/.
 */
export const errorTable = {
  unauthorized: { status: 401, sentence: 'Sign in first.' },
  forbidden_origin: { status: 403, sentence: 'This request did not come from the site itself.' },
  not_found: { status: 404, sentence: 'There is nothing here by that name.' },
  not_uploaded: {
    status: 409,
    sentence: 'The file has not arrived in the store, or was there too long ago. Upload it again.',
  },
  changed: { status: 409, sentence: 'The upload is no longer the one that was shown. Open the crop page again.' },
  draft_gone: { status: 409, sentence: 'This crop has expired. Crop again, then save.' },
  deleted: { status: 409, sentence: 'This image was deleted. Upload the photo again, or crop it differently.' },
  no_original: { status: 409, sentence: 'The original of this picture was not kept. Upload it again to crop it anew.' },
  too_large: { status: 413, sentence: 'The file is larger than the limit.' },
  unsupported_type: {
    status: 415,
    sentence: 'Files of this type cannot be used. Send a JPEG, PNG, WebP, AVIF or GIF; convert HEIC to JPEG first.',
  },
  unreadable_image: { status: 422, sentence: 'The file could not be read as a picture. It may be damaged.' },
  too_many_pixels: {
    status: 422,
    sentence: 'The picture has more pixels than the limit, those of all frames counted.',
  },
  invalid_request: { status: 400, sentence: 'The request is not of the expected form.' },
  quota: { status: 429, sentence: 'The limit of pictures is reached. Delete some first.' },
  internal: { status: 500, sentence: 'Something went wrong on our side. Nothing is lost; try again.' },
  busy: { status: 503, sentence: 'The server is busy. Try again in a moment.' },
} as const satisfies Record<string, { status: number; sentence: string }>

export type ErrorCode = keyof typeof errorTable

/** One thing wrong with the input: where (dotted path) and what. */
export interface FieldError {
  path: string
  message: string
}

/** An expected failure. Plain data, so that it crosses from a server action to the browser. */
export interface Refusal {
  ok: false
  code: ErrorCode
  /** Only with `invalid_request`. */
  fields?: FieldError[]
  /** Only with `busy`: seconds after which to try again. */
  retryAfterSeconds?: number
}

export type Result<T> = { ok: true; value: T } | Refusal

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value }
}

/**
 * An expected failure with its code. Bugs and outages are thrown instead; `internal` is what the edge, having logged
 * them, answers.
 */
export function refuse(code: ErrorCode, details?: Pick<Refusal, 'fields' | 'retryAfterSeconds'>): Refusal {
  return { ok: false, code, ...details }
}
