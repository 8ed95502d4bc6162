import { readFile, writeFile } from 'node:fs/promises'

/** Replaces a text in a source file. @throws Error unless the file contains the text exactly once */
export async function replaceInFile(file: string, text: string, replacement: string): Promise<void> {
  const [before, after, ...more] = (await readFile(file, 'utf8')).split(text)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} no longer contains ${JSON.stringify(text)} once: update the caller of replaceInFile`)
  }
  await writeFile(file, before + replacement + after)
}
