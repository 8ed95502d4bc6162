import { authenticate } from './authentication'
import {
  createBucket,
  deleteBucket,
  deleteObjects,
  getBucketLocation,
  headBucket,
  listBuckets,
  listObjects,
  listVersions,
} from './bucket-operations'
import {
  corsOperations,
  lifecycleOperations,
  ownershipOperations,
  publicAccessBlockOperations,
} from './bucket-settings'
import { copyObject } from './copy-object'
import { corsHeaders, preflightHeaders } from './cors'
import { StoreError } from './errors'
import type { Exchange, SignedExchange } from './exchange'
import { readHoistedHeaders } from './object-headers'
import { deleteObject, getObject, putObject } from './object-operations'
import { isFormUpload, postObject } from './post-object'
import { sendEmpty } from './respond'
import type { Query } from './target'

/** All operations. A subresource is a query parameter that selects another operation. */
const operations: Record<string, (exchange: SignedExchange) => Promise<void>> = {
  'GET service': listBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
  'GET bucket': listObjects,
  'GET bucket?versions': listVersions,
  'GET bucket?location': getBucketLocation,
  'POST bucket?delete': deleteObjects,
  'PUT bucket?cors': corsOperations.put,
  'GET bucket?cors': corsOperations.get,
  'DELETE bucket?cors': corsOperations.remove,
  'PUT bucket?lifecycle': lifecycleOperations.put,
  'GET bucket?lifecycle': lifecycleOperations.get,
  'DELETE bucket?lifecycle': lifecycleOperations.remove,
  'PUT bucket?publicAccessBlock': publicAccessBlockOperations.put,
  'GET bucket?publicAccessBlock': publicAccessBlockOperations.get,
  'DELETE bucket?publicAccessBlock': publicAccessBlockOperations.remove,
  'PUT bucket?ownershipControls': ownershipOperations.put,
  'GET bucket?ownershipControls': ownershipOperations.get,
  'DELETE bucket?ownershipControls': ownershipOperations.remove,
  'PUT object': putObject,
  'GET object': getObject,
  'HEAD object': getObject,
  'DELETE object': deleteObject,
}

/** Parameters of operations and signatures. Any other parameter could be a subresource, so it is rejected. */
const plainParameters =
  /^(x-id|list-type|prefix|delimiter|start-after|continuation-token|max-keys|encoding-type|fetch-owner|max-buckets|bucket-region|response-.*|x-amz-.*)$/i

/** Authenticates a request, runs its operation and responds. @throws StoreError to reject it */
export async function route(exchange: Exchange): Promise<void> {
  const { request, target } = exchange
  if (request.method === 'OPTIONS') return answerPreflight(exchange)
  setCorsHeaders(exchange)
  if (isFormUpload(request) && target.key === '') return postObject(exchange)

  const signed = { method: request.method ?? '', target, headers: request.headers }
  const payloadHash = await authenticate(signed, exchange.account, exchange.now())
  Object.assign(request.headers, readHoistedHeaders(target.query))
  const operation = findOperation(exchange)
  await operation({ ...exchange, payloadHash })
}

function findOperation({ request, target }: Exchange): (exchange: SignedExchange) => Promise<void> {
  const level = target.bucket === '' ? 'service' : target.key === '' ? 'bucket' : 'object'
  const subresource = findSubresource(target.query)
  if (level === 'object' && request.method === 'PUT' && request.headers['x-amz-copy-source'] && !subresource) {
    return copyObject
  }
  const operation = operations[`${request.method} ${level}${subresource ? `?${subresource}` : ''}`]
  if (operation) return operation
  if (subresource) throw new StoreError('NotImplemented', undefined, { Query: subresource })
  throw new StoreError('MethodNotAllowed', undefined, { Method: request.method ?? '' })
}

function findSubresource(query: Query): string | undefined {
  return query.pairs.map(([name]) => name).find((name) => !plainParameters.test(name))
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */
function answerPreflight({ request, response, target, buckets }: Exchange): void {
  const origin = request.headers.origin
  const method = request.headers['access-control-request-method']
  if (origin === undefined || method === undefined) {
    throw new StoreError('BadRequest', 'Insufficient information. Origin request header needed.')
  }
  const rules = buckets.find(target.bucket)?.settings.cors
  if (!rules) {
    throw new StoreError('AccessForbidden', 'CORSResponse: CORS is not enabled for this bucket.')
  }
  const requested = (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const headers = preflightHeaders(rules, origin, method, requested)
  if (!headers) throw new StoreError('AccessForbidden', undefined, { Method: method, ResourceType: 'OBJECT' })
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  sendEmpty(response, 200)
}

/** Sets the CORS headers before anything can fail, so that a browser can read errors too. */
function setCorsHeaders({ request, response, target, buckets }: Exchange): void {
  const { origin } = request.headers
  const rules = buckets.find(target.bucket)?.settings.cors
  if (origin === undefined || !rules) return
  const headers = corsHeaders(rules, origin, request.method ?? '')
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
}
