import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import busboy from 'busboy'
import { StoreError } from './errors'

/** A browser form, read up to the first byte of its file. */
export type PostForm = {
  /** The fields before the file, by lower-case name, with `${filename}` replaced. */
  fields: Map<string, string>
  /** The bytes of the file, readable once. Throws if the form ends before the file. */
  file: AsyncIterable<Buffer>
  /** Stops parsing, so that the rest of the request can be drained. */
  abandon: () => void
}

/** S3's limit for all fields before the file. */
const maxFieldsBytes = 20 * 1024
const maxTextFileBytes = 1024 ** 2
const filenameVariable = /\$\{filename\}/g

/**
 * Reads a `multipart/form-data` request up to its file. Ignores fields after the file, like S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
export function readPostForm(request: IncomingMessage): Promise<PostForm> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request)
    const fields = new Map<string, string>()
    let fieldsBytes = 0
    let hasFile = false

    const finished = new Promise<void>((finish, fail) => {
      parser.on('close', finish)
      parser.on('error', (error) => fail(toStoreError(error)))
    })
    // A pipe whose source closes only stops, so report the error to the reader of the file.
    request.on('close', () => {
      if (!request.complete) parser.destroy(new StoreError('IncompleteBody'))
    })
    const abandon = () => {
      request.unpipe(parser)
      parser.destroy()
    }
    const rejectForm = (error: unknown) => {
      abandon()
      reject(error)
    }
    const startFile = (file: Readable, filename: string) => {
      hasFile = true
      // `untilFinished` throws the error of the form.
      file.on('error', abandon)
      const named = new Map([...fields].map(([name, value]) => [name, value.replace(filenameVariable, () => filename)]))
      resolve({ fields: named, file: untilFinished(file, finished), abandon })
    }
    finished.then(
      () => rejectForm(new StoreError('InvalidArgument', 'POST requires exactly one file upload per request.')),
      rejectForm,
    )

    parser.on('field', (name, value, { valueTruncated, nameTruncated }) => {
      if (hasFile) return
      const lowerName = name.toLowerCase()
      if (lowerName === 'file' && !valueTruncated) {
        startFile(Readable.from([Buffer.from(value, 'utf8')]), '')
        return
      }
      fieldsBytes += name.length + Buffer.byteLength(value)
      if (valueTruncated || nameTruncated || fieldsBytes > maxFieldsBytes) {
        rejectForm(new StoreError('MaxPostPreDataLengthExceededError'))
      } else if (fields.has(lowerName)) {
        rejectForm(new StoreError('InvalidArgument', `POST requires exactly one ${lowerName} field.`))
      } else {
        fields.set(lowerName, value)
      }
    })
    parser.on('fieldsLimit', () => {
      if (!hasFile) rejectForm(new StoreError('MaxPostPreDataLengthExceededError'))
    })
    parser.on('file', (name, file, { filename }) => {
      if (name?.toLowerCase() === 'file') {
        startFile(file, filename ?? '')
        return
      }
      file.on('error', abandon)
      rejectForm(new StoreError('InvalidArgument', `Only the field "file" may contain a file, not "${name}".`))
    })
    request.pipe(parser)
  })
}

function createParser(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { fieldSize: maxTextFileBytes, fields: 100, files: 1 },
    })
  } catch (cause) {
    throw toStoreError(cause)
  }
}

/** Yields the file and then waits for the form: the file is complete only if the last boundary follows it. */
async function* untilFinished(file: Readable, finished: Promise<void>): AsyncGenerator<Buffer> {
  try {
    yield* file
  } catch (error) {
    await finished
    throw error
  }
  await finished
}

function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  return new StoreError('MalformedPOSTRequest', error instanceof Error ? error.message : undefined)
}
