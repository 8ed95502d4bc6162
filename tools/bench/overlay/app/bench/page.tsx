import { startUpload } from '@/app/actions'
import { trivial } from './actions'
import { Caller } from './caller'

/** A page that has both actions, so that both are asked for in the same place. */
export default function BenchPage() {
  return <Caller trivial={trivial} startUpload={startUpload} />
}
