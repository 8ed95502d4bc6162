import { problem } from '@/app/api/problem'
import { refuse } from '@/lib/result'

/** Unknown API paths answer a problem+json, not an HTML page. */
const notFound = () => problem(refuse('not_found'))

export { notFound as DELETE, notFound as GET, notFound as PATCH, notFound as POST, notFound as PUT }
