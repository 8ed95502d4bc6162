import 'server-only'
import { runCommand } from './run-command'

// The entry point of `npm run bucket` and of bucket.js in the artefact.
process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
})
