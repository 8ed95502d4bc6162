import { bytes } from './bytes'
import { coldStart } from './cold-start'
import { engine } from './engine'
import { exact } from './exact'
import type { Family } from './figure'
import { gallery } from './gallery'
import { host } from './host'
import { hosts } from './hosts'
import { ipx } from './ipx'
import { journey } from './journey'
import { growth, memory } from './memory'
import { policy } from './policy'
import { requests } from './requests'
import { screenInputs, screenLoads, screenScores } from './screens/screens'
import { storeRequests } from './store-requests'

/** All families, in the order of the table. */
export const families: readonly Family[] = [
  engine,
  exact,
  ipx,
  host,
  storeRequests,
  requests,
  memory,
  growth,
  policy,
  hosts,
  bytes,
  gallery,
  coldStart,
  journey,
  screenLoads,
  screenScores,
  screenInputs,
]
