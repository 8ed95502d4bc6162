import { FilePicker } from '@/components/upload/file-picker'
import type { Collection } from '@/lib/images/collections'
import { uploadLimits } from './upload-limits'

/** The picker of a collection, with the site's limits. */
export function Picker({ collection }: { collection: Collection }) {
  return <FilePicker collection={collection} {...uploadLimits(collection)} />
}
