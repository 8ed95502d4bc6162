import { globSync, readFileSync } from 'node:fs'
import { type Expression, type JSXOpeningElement, type ObjectExpression, parseSync, Visitor } from 'oxc-parser'
import { twMerge } from 'tailwind-merge'
import { expect, test, vi } from 'vitest'
import { buttonLook } from './button'

// Tests resolve React's server build, which has no context for icons.
vi.mock('lucide-react', () => ({ LoaderCircle: null }))

test.each([
  ['<p className="px-2 px-4" />', 'px-2'],
  ['<p className={cn("border px-2", open && "px-4")} />', 'px-2'],
  ['<p className={cn("border", open ? "px-2" : "px-4")} />', undefined],
  ['<Button look="quiet" className="px-2" />', 'px-5'],
  ['<Button look={look} size="icon" className={cn("px-2")} />', undefined],
  ['<Link className={buttonLook({ size: "large", className: "px-2" })} />', 'px-7'],
  ['<Link className={cn(buttonLook(), "px-2")} />', 'px-5'],
  ['const card = "px-2"; <p className={cn(card, "px-4")} />', 'px-2'],
])('finds the class that has no effect in %s', (source, found) => {
  expect(findConflicts('x.tsx', source)).toEqual(found ? [`x.tsx:1 ${found}`] : [])
})

test('no element has two classes for the same property: their order in the style sheet would decide', () => {
  const files = globSync('{app,components}/**/*.tsx')
  expect(files.length).toBeGreaterThan(30)
  expect(files.flatMap((file) => findConflicts(file, readFileSync(file, 'utf8')))).toEqual([])
})

/** Returns file, line and name of each class that another class of its element overrides. */
function findConflicts(file: string, source: string): string[] {
  const { program } = parseSync(file, source)
  const constants = new Map<string, Expression>()
  const found = new Set<string>()
  const check = (element: JSXOpeningElement) => {
    for (const classes of classesOf(element, constants)) {
      const effective = twMerge(classes).split(' ')
      const line = source.slice(0, element.start).split('\n').length
      for (const name of classes.trim().split(/\s+/))
        if (!effective.includes(name)) found.add(`${file}:${line} ${name}`)
    }
  }
  new Visitor({
    VariableDeclarator: ({ id, init }) => void (id.type === 'Identifier' && init && constants.set(id.name, init)),
    JSXOpeningElement: check,
  }).visit(program)
  return [...found]
}

/** Returns every list of classes that an element may have. */
function classesOf(element: JSXOpeningElement, constants: Map<string, Expression>): string[] {
  const attribute = (name: string) => {
    const found = element.attributes.find((item) => item.type === 'JSXAttribute' && item.name.name === name)
    const value = found?.type === 'JSXAttribute' ? found.value : null
    return value?.type === 'JSXExpressionContainer' ? value.expression : value
  }
  const expand = (value: unknown) => alternatives(value as Expression | null, constants)
  const own = expand(attribute('className'))
  if (element.name.type !== 'JSXIdentifier' || element.name.name !== 'Button') return own
  return joinAll([buttonLooks(expand(attribute('look')), expand(attribute('size'))), own])
}

/** Returns the strings that an expression may be; an empty one for what is known only at run time. */
function alternatives(value: Expression | null | undefined, constants: Map<string, Expression>): string[] {
  const expand = (part: Expression | null | undefined) => alternatives(part, constants)
  switch (value?.type) {
    case 'Literal':
      return [String(value.value)]
    case 'Identifier':
      return constants.has(value.name) ? alternatives(constants.get(value.name), new Map()) : ['']
    case 'ConditionalExpression':
      return [...expand(value.consequent), ...expand(value.alternate)]
    case 'LogicalExpression':
      return ['', ...expand(value.right)]
    case 'CallExpression': {
      const name = value.callee.type === 'Identifier' && value.callee.name
      const [first] = value.arguments
      if (name === 'cn') return joinAll(value.arguments.map((argument) => expand(argument as Expression)))
      if (name !== 'buttonLook') return ['']
      const option = (key: string) => expand(propertyOf(first as ObjectExpression | undefined, key))
      return joinAll([buttonLooks(option('look'), option('size')), option('className')])
    }
    default:
      return ['']
  }
}

function propertyOf(object: ObjectExpression | undefined, key: string): Expression | undefined {
  for (const property of object?.properties ?? []) {
    if (property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === key)
      return property.value
  }
}

type Look = Parameters<typeof buttonLook>[0]

function buttonLooks(looks: string[], sizes: string[]): string[] {
  const orDefault = (name: string) => name || undefined
  return looks.flatMap((look) =>
    sizes.map((size) => buttonLook({ look: orDefault(look), size: orDefault(size) } as Look)),
  )
}

function joinAll(lists: string[][]): string[] {
  return lists.reduce((joined, list) => joined.flatMap((left) => list.map((right) => `${left} ${right}`)), [''])
}
