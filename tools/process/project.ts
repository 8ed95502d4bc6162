import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds `package.json`, whatever folder a command was started from. */
export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url))

/** Next's command line. It is run by this very Node, without a shell or npx between, so that signals reach it. */
export const nextCommand = join(projectDirectory, 'node_modules/next/dist/bin/next')
