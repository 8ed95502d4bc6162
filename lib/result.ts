/**
 * Every expected failure: its stable code, HTTP status and public sentence. The sentence is for API clients and logs.
 * Screens show the translated one, `errors.<code>` in messages/.
 */
export const errorTable = {
  unauthorized: { status: 401, sentence: 'Sign in first.' },
  forbidden_origin: { status: 403, sentence: 'This request did not come from the site itself.' },
  not_found: { status: 404, sentence: 'Nothing exists at this address.' },
  not_uploaded: { status: 409, sentence: 'The uploaded file was not found, or it has expired. Upload it again.' },
  changed: { status: 409, sentence: 'The uploaded file has changed. Open the crop page again.' },
  draft_gone: { status: 409, sentence: 'This crop has expired. Crop again, then save.' },
  deleted: { status: 409, sentence: 'This image was deleted. Upload the photo again, or crop it differently.' },
  no_original: { status: 409, sentence: 'The original of this image was not kept. Upload the photo again to crop it.' },
  too_large: { status: 413, sentence: 'The file or request is larger than the limit.' },
  unsupported_type: { status: 415, sentence: 'Send a JPEG, PNG, WebP, still AVIF or GIF. Convert HEIC to JPEG first.' },
  unreadable_image: { status: 422, sentence: 'The file could not be read as an image. It may be damaged.' },
  too_many_pixels: { status: 422, sentence: 'The image has too many pixels for this site, counted over all frames.' },
  invalid_request: { status: 400, sentence: 'The request does not have the expected format.' },
  quota: { status: 429, sentence: 'The limit of images is reached. Delete some first.' },
  too_many_guests: { status: 429, sentence: 'Too many new guests from your network. Try again in an hour.' },
  internal: { status: 500, sentence: 'Something went wrong on our side. Nothing is lost; try again.' },
  busy: { status: 503, sentence: 'The server is busy. Try again in a moment.' },
} as const satisfies Record<string, { status: number; sentence: string }>

export type ErrorCode = keyof typeof errorTable

/** An invalid input field: its dotted path, and what is wrong. */
export interface FieldError {
  path: string
  message: string
}

/** An expected failure. Plain data, which a server action can return to the browser. */
export interface Refusal {
  ok: false
  code: ErrorCode
  /** Only with `invalid_request`. */
  fields?: FieldError[]
  /** Only with `busy`: seconds to wait before a retry. */
  retryAfterSeconds?: number
}

export type Result<T> = { ok: true; value: T } | Refusal

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value }
}

/** Creates an expected failure. Throw bugs and outages instead: the edge logs them and answers `internal`. */
export function refuse(code: ErrorCode, details?: Pick<Refusal, 'fields' | 'retryAfterSeconds'>): Refusal {
  return { ok: false, code, ...details }
}
