import { startUpload } from '@/app/actions'
import { trivial } from './actions'
import { Caller } from './caller'

/** A page with both actions, so that requests for both have the same URL. */
export default function BenchPage() {
  return <Caller trivial={trivial} startUpload={startUpload} />
}
