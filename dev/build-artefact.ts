import { completeArtefact } from './artefact'
import { projectDirectory } from './project'

/** The second half of `npm run build`, behind `next build`. */
console.log(`The artefact: ${await completeArtefact(projectDirectory)}`)
