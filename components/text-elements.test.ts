import { globSync, readFileSync } from 'node:fs'
import { type JSXChild, type JSXElement, type JSXExpression, type JSXFragment, parseSync, Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'

/** Functions that return text. */
const textFunction = /^(translate\w*|word|format|sizes)\b/

test('U30: each text has its own element, without siblings', () => {
  expect(textsWithSiblings('x.tsx', '<p>{busy && <Spinner />}{translate("apply")}</p>')).toEqual(['x.tsx:1'])
  expect(textsWithSiblings('x.tsx', '<p>{busy && <Spinner />}<span>{translate("apply")}</span></p>')).toEqual([])
  const files = globSync('{app,components}/**/*.tsx')
  expect(files.length).toBeGreaterThan(30)
  expect(files.flatMap((file) => textsWithSiblings(file, readFileSync(file, 'utf8')))).toEqual([])
})

/**
 * Finds text beside other children of an element. A browser that translates a page replaces text nodes: React can then
 * neither update nor remove them, nor insert an element before one.
 * @returns file and line of each
 */
function textsWithSiblings(file: string, source: string): string[] {
  const found: string[] = []
  const check = ({ children }: JSXElement | JSXFragment) => {
    const siblings = children.filter((child) => !isBlank(child))
    if (siblings.length < 2) return
    for (const child of siblings) {
      const isText =
        child.type === 'JSXText' || (child.type === 'JSXExpressionContainer' && mayBeText(child.expression))
      if (isText) found.push(`${file}:${source.slice(0, child.start).split('\n').length}`)
    }
  }
  new Visitor({ JSXElement: check, JSXFragment: check }).visit(parseSync(file, source).program)
  return found
}

/** Whether a child renders nothing, or a space that never changes. */
function isBlank(child: JSXChild): boolean {
  if (child.type === 'JSXText') return child.value.trim() === ''
  if (child.type !== 'JSXExpressionContainer') return false
  const { expression } = child
  return expression.type === 'JSXEmptyExpression' || (expression.type === 'Literal' && expression.value === ' ')
}

function mayBeText(expression: JSXExpression): boolean {
  switch (expression.type) {
    case 'Literal':
    case 'TemplateLiteral':
      return true
    case 'ConditionalExpression':
      return mayBeText(expression.consequent) || mayBeText(expression.alternate)
    case 'LogicalExpression':
      return mayBeText(expression.left) || mayBeText(expression.right)
    case 'ParenthesizedExpression':
      return mayBeText(expression.expression)
    case 'CallExpression':
      return expression.callee.type === 'Identifier'
        ? textFunction.test(expression.callee.name)
        : expression.callee.type === 'MemberExpression' &&
            expression.callee.object.type === 'Identifier' &&
            textFunction.test(expression.callee.object.name)
    default:
      return false
  }
}
