import { expect, test } from 'vitest'
import { pseudoMessage } from './pseudo-language'

test('pseudoMessage makes texts longer and keeps their arguments', () => {
  expect(pseudoMessage('Save photo')).toBe('[Šáávéé phóótóó]')
  expect(pseudoMessage('{count, plural, one {# photo} other {# photos}} of {name}')).toBe(
    '[{count,plural,one{# phóótóó} other{# phóótóóš}} óóf {name}]',
  )
  expect(pseudoMessage('{at, number} × {flip, select, both {both} other {it’s}}')).toBe(
    '[{at, number} × {flip,select,both{bóóth} other{íít’š}}]',
  )
})
