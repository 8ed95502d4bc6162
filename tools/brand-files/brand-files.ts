import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectDirectory } from '@/tools/process/project'
import { drawBrandFiles } from './draw'

const directory = process.argv[2] ?? join(projectDirectory, 'public')

for (const [name, content] of Object.entries(await drawBrandFiles())) {
  await writeFile(join(directory, name), content)
  console.log(`${name}: ${content.length} bytes`)
}
