import { problem } from '@/app/api/problem'
import { refuse } from '@/lib/result'

/** Addresses of the API that do not exist: told as all its errors are, not as a page. */
const nowhere = () => problem(refuse('not_found'))

export { nowhere as DELETE, nowhere as GET, nowhere as PATCH, nowhere as POST, nowhere as PUT }
