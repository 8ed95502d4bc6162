import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Returns the programs that are not in any folder of `path`, a list in the format of the `PATH` variable. */
export function missingPrograms(programs: readonly string[], path: string): string[] {
  const directories = path.split(delimiter).filter(Boolean)
  return programs.filter((program) => !directories.some((directory) => isExecutable(join(directory, program))))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
