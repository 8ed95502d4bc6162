import { execFileSync } from 'node:child_process'
import { projectDirectory } from '@/tools/process/project'
import { findForbiddenImports } from './find-forbidden'
import { rules } from './rules'

// Part of `npm run check`. Exits with code 1 if an import breaks the rules.
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'], {
  cwd: projectDirectory,
  encoding: 'utf8',
})
const files = listed.trim().split('\n')
const forbidden = await findForbiddenImports(projectDirectory, files, rules)
for (const { file, line, specifier } of forbidden) {
  console.error(`${file}:${line} must not import ${specifier}. See tools/imports/rules.ts.`)
}
if (forbidden.length > 0) process.exit(1)
console.log(`Checked the imports of ${files.length} files. All are allowed.`)
