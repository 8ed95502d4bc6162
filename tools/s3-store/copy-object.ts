import { requireCopyable, requireWritable } from './conditions'
import { copyDraft } from './disk'
import { StoreError } from './errors'
import type { SignedExchange } from './exchange'
import { readObjectHeaders, rejectUnsupportedHeaders } from './object-headers'
import { sendXml } from './respond'
import { parseTarget, requireValidKey } from './target'
import { leaf, xmlDocument } from './xml'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject({ request, response, target, buckets, now }: SignedExchange): Promise<void> {
  const { headers } = request
  requireValidKey(target.key)
  rejectUnsupportedHeaders(headers)
  const source = parseSource(String(headers['x-amz-copy-source']))
  const replaces = parseDirective(headers['x-amz-metadata-directive'])
  const isItself = source.bucket === target.bucket && source.key === target.key
  if (isItself && !replaces) {
    throw new StoreError('InvalidRequest', 'This copy request is illegal: it copies an object to itself, unchanged.')
  }
  const destination = buckets.get(target.bucket)
  const object = await buckets.get(source.bucket).open(source.key)
  try {
    requireCopyable(object.record, headers)
    const draft = await copyDraft(buckets.temporaryDirectory, object, {
      key: target.key,
      lastModified: now().getTime(),
      headers: replaces ? readObjectHeaders(headers) : object.record.headers,
    })
    await destination.commit(draft, (existing) => requireWritable(existing, headers, target.key))
    const { etag, lastModified } = draft.record
    const result = [leaf('LastModified', new Date(lastModified).toISOString()), leaf('ETag', etag)]
    sendXml(response, 200, xmlDocument('CopyObjectResult', result))
  } finally {
    await object.handle.close()
  }
}

/** Parses `bucket/key` or `/bucket/key`, URL-encoded. */
function parseSource(header: string): { bucket: string; key: string } {
  if (header.includes('?')) throw new StoreError('NotImplemented', undefined, { Header: 'x-amz-copy-source' })
  const { bucket, key } = parseTarget(header.startsWith('/') ? header : `/${header}`)
  if (bucket === '' || key === '') {
    throw new StoreError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    )
  }
  return { bucket, key }
}

/** Returns whether the copy replaces the headers of its source. */
function parseDirective(directive: string | string[] | undefined): boolean {
  if (directive === undefined || directive === 'COPY') return false
  if (directive === 'REPLACE') return true
  throw new StoreError('InvalidArgument', 'Unknown metadata directive.')
}
