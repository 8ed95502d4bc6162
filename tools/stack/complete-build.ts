import { projectDirectory } from '@/tools/process/project'
import { completeStandaloneBuild } from './standalone-build'

// The second part of `npm run build`, after `next build`.
console.log(`Built ${await completeStandaloneBuild(projectDirectory)}. Start a host with: npm start`)
