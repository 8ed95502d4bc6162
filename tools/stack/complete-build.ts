import { projectDirectory } from '@/tools/process/project'
import { completeStandaloneBuild } from './standalone-build'

/** The second half of `npm run build`, behind `next build`. */
console.log(`The artefact: ${await completeStandaloneBuild(projectDirectory)}`)
