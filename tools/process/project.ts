import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that contains `package.json`, independent of the working directory. */
export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url))

/** Next's command-line script. Run it with Node directly: signals do not pass through a shell or npx. */
export const nextCommand = join(projectDirectory, 'node_modules/next/dist/bin/next')
