import { projectDirectory } from '@/tools/process/project'
import { completeArtefact } from './artefact'

/** The second half of `npm run build`, behind `next build`. */
console.log(`The artefact: ${await completeArtefact(projectDirectory)}`)
