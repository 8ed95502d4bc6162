import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser'
import { printAST } from '@formatjs/icu-messageformat-parser/printer.js'

/** The tag of the pseudo-language: English of a region that does not exist. */
export const pseudoLanguage = 'en-XA'

const accented: Record<string, string> = {
  ...{ a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', y: 'ý', c: 'ç', n: 'ñ', s: 'š', z: 'ž' },
  ...{ A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú', Y: 'Ý', C: 'Ç', N: 'Ñ', S: 'Š', Z: 'Ž' },
}

/** Returns an ICU message in the pseudo-language: accented, about 40 % longer, and in brackets. Arguments stay. */
export function pseudoMessage(text: string): string {
  return `[${printAST(parse(text).map(pseudoElement))}]`
}

function pseudoElement(element: MessageFormatElement): MessageFormatElement {
  if (element.type === TYPE.literal) return { ...element, value: pseudoWords(element.value) }
  if (element.type === TYPE.tag) return { ...element, children: element.children.map(pseudoElement) }
  if (element.type !== TYPE.select && element.type !== TYPE.plural) return element
  const options = Object.entries(element.options).map(([name, option]) => [
    name,
    { ...option, value: option.value.map(pseudoElement) },
  ])
  return { ...element, options: Object.fromEntries(options) }
}

/** Doubles the vowels: words grow, as in German. */
function pseudoWords(text: string): string {
  return text.replaceAll(/[aeiou]/gi, '$&$&').replaceAll(/[a-z]/gi, (letter) => accented[letter] ?? letter)
}

/** Adds the pseudo-language to a copy of the project: one folder. The project itself does not contain it. */
export async function addPseudoLanguage(directory: string): Promise<void> {
  const [english, pseudo] = [join(directory, 'messages/en'), join(directory, 'messages', pseudoLanguage)]
  await mkdir(pseudo, { recursive: true })
  for (const file of await readdir(english)) {
    const texts = JSON.parse(await readFile(join(english, file), 'utf8'), (_key, value) =>
      typeof value === 'string' ? pseudoMessage(value) : value,
    )
    await writeFile(join(pseudo, file), JSON.stringify(texts, null, 2))
  }
}
