import type { BucketSettings } from './buckets'
import { corsDocument, parseCors } from './cors'
import { type ErrorCode, StoreError } from './errors'
import type { SignedExchange } from './exchange'
import { lifecycleDocument, parseLifecycle } from './lifecycle'
import { readDocument } from './payload'
import { sendEmpty, sendXml } from './respond'
import { branch, childNodes, childText, leaf, parseXml, xmlDocument } from './xml'

type Operation = (exchange: SignedExchange) => Promise<void>
type SettingName = Exclude<keyof BucketSettings, 'createdAt'>

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
export const corsOperations = settingOperations('cors', 'NoSuchCORSConfiguration', parseCors, corsDocument)

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
export const lifecycleOperations = settingOperations(
  'lifecycle',
  'NoSuchLifecycleConfiguration',
  parseLifecycle,
  lifecycleDocument,
)

/** Stores and returns the setting. It has no effect, because nothing in this store is public. API_PutPublicAccessBlock.html */
export const publicAccessBlockOperations = settingOperations(
  'publicAccessBlock',
  'NoSuchPublicAccessBlockConfiguration',
  parsePublicAccessBlock,
  publicAccessBlockDocument,
)

/** Stores and returns the setting. It has no effect, because no bucket of this store has ACLs. API_PutBucketOwnershipControls.html */
export const ownershipOperations = settingOperations(
  'objectOwnership',
  'OwnershipControlsNotFoundError',
  parseOwnership,
  (value) => xmlDocument('OwnershipControls', [branch('Rule', [leaf('ObjectOwnership', value)])]),
)

/** Creates the put, get and delete operations of one setting. Settings differ only in their XML document. */
function settingOperations<Name extends SettingName>(
  name: Name,
  missing: ErrorCode,
  parse: (body: Buffer) => NonNullable<BucketSettings[Name]>,
  show: (value: NonNullable<BucketSettings[Name]>) => string,
): { put: Operation; get: Operation; remove: Operation } {
  return {
    async put(exchange) {
      const bucket = exchange.buckets.get(exchange.target.bucket)
      const body = await readDocument(exchange.request, exchange.payloadHash)
      bucket.changeSettings({ [name]: parse(body) })
      sendEmpty(exchange.response, 200)
    },
    async get({ buckets, target, response }) {
      const bucket = buckets.get(target.bucket)
      const value = bucket.settings[name]
      if (!value) throw new StoreError(missing, undefined, { BucketName: bucket.name })
      sendXml(response, 200, show(value))
    },
    async remove({ buckets, target, response }) {
      buckets.get(target.bucket).changeSettings({ [name]: undefined })
      sendEmpty(response, 204)
    },
  }
}

const publicAccessBlockNames = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']

function parsePublicAccessBlock(body: Buffer): Record<string, boolean> {
  const node = parseXml(body, 'PublicAccessBlockConfiguration')
  return Object.fromEntries(publicAccessBlockNames.map((name) => [name, childText(node, name) === 'true']))
}

function publicAccessBlockDocument(value: Record<string, boolean>): string {
  return xmlDocument(
    'PublicAccessBlockConfiguration',
    Object.entries(value).map(([name, isOn]) => leaf(name, isOn)),
  )
}

function parseOwnership(body: Buffer): string {
  const [rule] = childNodes(parseXml(body, 'OwnershipControls'), 'Rule')
  const value = rule && childText(rule, 'ObjectOwnership')
  if (!value || !['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(value)) {
    throw new StoreError('MalformedXML')
  }
  return value
}
