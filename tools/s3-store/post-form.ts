import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import busboy from 'busboy'
import { StoreError } from './errors'

/** A browser form up to the first byte of its file. */
export type PostForm = {
  /** The fields before the file, by lower-case name, with `${filename}` replaced. */
  fields: Map<string, string>
  /** The file's bytes, to be read once. Throws where the form ends before the file does. */
  file: AsyncIterable<Buffer>
  /** Stops reading, so that the rest of the request can be drained. */
  abandon: () => void
}

/** S3's limit for all that precedes the file. */
const maxFieldsBytes = 20 * 1024
const maxTextFileBytes = 1024 ** 2
const filenameVariable = /\$\{filename\}/g

/**
 * Reads a `multipart/form-data` request until its file begins. Fields behind the file are ignored, as S3 does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
export function readPostForm(request: IncomingMessage): Promise<PostForm> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request)
    const fields = new Map<string, string>()
    let fieldsBytes = 0
    let fileBegan = false

    const finished = new Promise<void>((finish, fail) => {
      parser.on('close', finish)
      parser.on('error', (error) => fail(toStoreError(error)))
    })
    // A pipe that loses its source just stops: whoever waits for the file has to be told.
    request.on('close', () => {
      if (!request.complete) parser.destroy(new StoreError('IncompleteBody'))
    })
    const abandon = () => {
      request.unpipe(parser)
      parser.destroy()
    }
    const refuse = (error: unknown) => {
      abandon()
      reject(error)
    }
    const begin = (file: Readable, filename: string) => {
      fileBegan = true
      // Its failure is that of the form, which `untilFinished` tells.
      file.on('error', abandon)
      const named = new Map([...fields].map(([name, value]) => [name, value.replace(filenameVariable, () => filename)]))
      resolve({ fields: named, file: untilFinished(file, finished), abandon })
    }
    finished.then(
      () => refuse(new StoreError('InvalidArgument', 'POST requires exactly one file upload per request.')),
      refuse,
    )

    parser.on('field', (name, value, { valueTruncated, nameTruncated }) => {
      if (fileBegan) return
      const lowerName = name.toLowerCase()
      if (lowerName === 'file' && !valueTruncated) {
        begin(Readable.from([Buffer.from(value, 'utf8')]), '')
        return
      }
      fieldsBytes += name.length + Buffer.byteLength(value)
      if (valueTruncated || nameTruncated || fieldsBytes > maxFieldsBytes) {
        refuse(new StoreError('MaxPostPreDataLengthExceededError'))
      } else if (fields.has(lowerName)) {
        refuse(new StoreError('InvalidArgument', `POST requires exactly one ${lowerName} field.`))
      } else {
        fields.set(lowerName, value)
      }
    })
    parser.on('fieldsLimit', () => {
      if (!fileBegan) refuse(new StoreError('MaxPostPreDataLengthExceededError'))
    })
    parser.on('file', (name, file, { filename }) => {
      if (name?.toLowerCase() === 'file') {
        begin(file, filename ?? '')
        return
      }
      file.on('error', abandon)
      refuse(new StoreError('InvalidArgument', `Only the field "file" may hold a file, not "${name}".`))
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

/** The file is whole only when the form around it is: its last boundary could be missing. */
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
