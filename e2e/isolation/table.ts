/** What an entry point must answer: the status, then the code of a refusal or the address of a redirect. */
type Answer = string
/** Why a try does not apply. */
interface Reason {
  reason: string
}
/** Who people are: guests, or people who signed in at a provider. */
export type Mode = 'guest' | 'oidc'
/** Another answer in each mode. */
type ByMode = Record<Mode, Answer | Reason>
export type Expected = Answer | Reason | ByMode

/** The tries, each of which changes one thing about a request that its owner may send. */
export const tries = [
  /** Without a session. */
  'anonymous',
  /** With the owner's session, after its end. */
  'expired',
  /** With the owner's session, one letter changed. */
  'tampered',
  /** With a session of the owner from before they signed out everywhere. */
  'signedOut',
  /** As another person, with the owner's ids. The answer must equal the one for ids that never existed. */
  'stranger',
  /** As the owner, sent by a page of another site. */
  'wrongOrigin',
  /** As the owner, without `Origin`. */
  'noOrigin',
  /** As the owner, with a method that the path does not have. */
  'wrongMethod',
  /** As the owner, with a valid body of 100 kB. */
  'oversized',
] as const
export type Try = (typeof tries)[number]

/** What the owner of the data has, or what never existed. */
export interface Ids {
  uploadId: string
  cropId: string
  imageId: string
  /** A second image. */
  otherId: string
}

/** A request that its owner may send. */
export interface RowRequest {
  /** Default: the path of the entry point. */
  path?: string
  body?: unknown
}

export interface Row extends Record<Try, Expected> {
  request: (ids: Ids) => RowRequest
  /** What the owner gets, which proves that the request is valid. */
  owner: Expected
}

const not = (reason: string): Reason => ({ reason })
const noIds = not('the request names nothing, so it is about its sender')
const bodyless = not('reads no body')

const unauthorized = '401 unauthorized'
const notFound = '404 not_found'
const forbidden = '403 forbidden_origin'

/** What a request without a valid session gets. */
const withoutSession = (answer: Expected) => ({
  anonymous: answer,
  expired: answer,
  tampered: answer,
  signedOut: answer,
})
/** What a request gets that no other page may send. */
const fromOtherSites = (answer: Expected) => ({ wrongOrigin: answer, noOrigin: answer })

type Own = Partial<Row> & Pick<Row, 'owner'>

/** A route that reads data of the sender. Other sites cannot read its answer: no answer has a header of CORS. */
function reader(own: Own): Row {
  const { owner } = own
  return {
    request: () => ({}),
    ...withoutSession(unauthorized),
    stranger: noIds,
    ...fromOtherSites(owner),
    wrongMethod: '405',
    oversized: bodyless,
    ...own,
  }
}

/** A route that changes data of the sender. */
function writer(own: Own): Row {
  return reader({ ...fromOtherSites(forbidden), oversized: '400 invalid_request', ...own })
}

/** A route that answers everyone alike. */
function open(own: Own): Row {
  return reader({ ...withoutSession(own.owner), stranger: noIds, ...own })
}

/** A server action. The host rejects other sites and methods before Next sees them. */
function action(own: Partial<Row>): Row {
  return writer({
    owner: '200',
    ...withoutSession('200 unauthorized'),
    wrongMethod: '405 invalid_request',
    oversized: '413 too_large',
    ...own,
  })
}

/** A page. It shows a person's own data only, and asks others to sign in. */
function page(own: Partial<Row>): Row {
  return reader({
    owner: '200',
    ...withoutSession({ guest: '200', oidc: '307 /sign-in' }),
    wrongMethod: '405 invalid_request',
    ...own,
  })
}

/** A step of a sign-in, which does not depend on the session. */
function signIn(own: Own): Row {
  return open({ wrongMethod: '405 invalid_request', ...own })
}

const unknownPath = open({
  request: () => ({ path: '/api/nothing' }),
  owner: notFound,
  wrongMethod: '405 invalid_request',
})
const area = { x: 0, y: 0, width: 300, height: 300 }
const oneImage = ({ imageId }: Ids) => ({ path: `/api/images/${imageId}` })

/**
 * Every entry point of the app, and what it must answer to each try. Rows that end the session or erase something are
 * last: the owner's requests run in this order.
 */
export const table: Record<string, Row> = {
  'GET /livez': open({ owner: '200' }),
  'GET /readyz': open({ owner: '200' }),
  'file /manifest.webmanifest': open({ owner: '200', wrongMethod: '405 invalid_request' }),
  'GET /api/openapi.json': open({ owner: '200' }),
  'GET /api/[...rest]': unknownPath,
  'POST /api/[...rest]': unknownPath,
  'PUT /api/[...rest]': unknownPath,
  'PATCH /api/[...rest]': unknownPath,
  'DELETE /api/[...rest]': unknownPath,

  'page /': page({ ...withoutSession('200') }),
  'page /upload': page({}),
  'page /crop': page({}),
  'page /gallery': page({}),
  'page /account': page({}),
  'page /crop/[uploadId]': page({
    request: ({ uploadId, cropId }) => ({ path: `/crop/${uploadId}?crop=${cropId}` }),
    stranger: '404',
  }),
  'page /sign-in': page({
    owner: { guest: '307 /', oidc: '200' },
    ...withoutSession({ guest: '307 /', oidc: '200' }),
  }),
  'GET /sign-in/start': signIn({ owner: { guest: '303 /', oidc: '303 PROVIDER/auth' } }),
  'GET /sign-in/callback': signIn({ owner: { guest: '303 /', oidc: '303 /sign-in' } }),

  'action startUpload': action({
    request: () => ({ body: { collection: 'avatars', contentType: 'image/png', size: 100 } }),
  }),
  'action saveImage': action({
    request: ({ uploadId, cropId }) => ({ body: { uploadId, cropId } }),
    stranger: '200 not_found',
  }),

  'GET /api/session': reader({ owner: '200' }),
  'POST /api/session/guest': writer({
    owner: { guest: '204', oidc: notFound },
    ...withoutSession({ guest: '204', oidc: notFound }),
    oversized: bodyless,
  }),
  'POST /api/uploads': writer({
    request: () => ({ body: { collection: 'avatars', contentType: 'image/png', size: 100 } }),
    owner: '201',
  }),
  'POST /api/crop': writer({
    request: ({ uploadId }) => ({ body: { uploadId, area } }),
    owner: '200',
    stranger: notFound,
  }),
  'POST /api/images': writer({
    request: ({ uploadId, cropId }) => ({ body: { uploadId, cropId } }),
    owner: '201',
    stranger: notFound,
  }),
  'GET /api/images': reader({ owner: '200' }),
  'GET /api/export': reader({ owner: '200' }),
  'GET /api/images/[imageId]': reader({ request: oneImage, owner: '200', stranger: notFound }),
  'PATCH /api/images/[imageId]': writer({
    request: (ids) => ({ ...oneImage(ids), body: { alt: 'Taken over' } }),
    owner: '200',
    stranger: notFound,
  }),
  'POST /api/images/[imageId]/recrop': writer({
    request: ({ imageId }) => ({ path: `/api/images/${imageId}/recrop` }),
    owner: '201',
    stranger: notFound,
    oversized: bodyless,
  }),
  'GET /api/collections/[collection]/current': reader({
    request: () => ({ path: '/api/collections/avatars/current' }),
    owner: '200',
  }),
  'PUT /api/collections/[collection]/current': writer({
    request: ({ imageId }) => ({ path: '/api/collections/avatars/current', body: { imageId } }),
    owner: '200',
    stranger: notFound,
  }),

  'DELETE /api/images/[imageId]': writer({ request: oneImage, owner: '204', stranger: notFound, oversized: bodyless }),
  'POST /api/images/delete': writer({
    request: ({ otherId }) => ({ body: { imageIds: [otherId] } }),
    owner: '200',
    // The answer says for each image that it does not exist.
    stranger: '200',
  }),
  'DELETE /api/session': writer({ owner: '200', ...withoutSession('200'), oversized: bodyless }),
  'DELETE /api/sessions': writer({ owner: { guest: notFound, oidc: '204' }, oversized: bodyless }),
  // The owner's browser was no guest. e2e/sign-in/guest-photos.spec.ts tests one that was.
  'POST /api/account/guest/copy': writer({ request: () => ({ body: { cursor: null } }), owner: notFound }),
  'POST /api/account/guest/erase': writer({
    request: () => ({ body: { confirm: 'erase everything' } }),
    owner: notFound,
  }),
  'POST /api/account/erase': writer({ request: () => ({ body: { confirm: 'erase everything' } }), owner: '200' }),
}
