import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { apply, begin, cards, save, upload } from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { expect } from '@/e2e/test'

skipWithoutHaproxy()

test('behind HAProxy, the three steps run on different hosts', async ({ page, stack, witness }) => {
  await begin(page)
  await upload(page, await variety.phone())
  await apply(page)
  await save(page)

  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).first()).toContainText('In use')
  const hosts = stack.hosts.map(({ name }) => name)
  expect(new Set(witness.servedBy).size, `hosts: ${witness.servedBy.join(', ')}`).toBeGreaterThan(1)
  expect(hosts).toEqual(expect.arrayContaining(witness.servedBy))
})

test('killing a host before each step loses nothing', async ({ page, stack }) => {
  test.setTimeout(240_000)
  const [first, second, third] = stack.hosts.map(({ name }) => name) as [string, string, string]
  await begin(page)
  await stack.killHost(first)
  await upload(page, await portrait())
  await stack.restartHost(first)
  await stack.killHost(second)
  await apply(page)
  await stack.restartHost(second)
  await stack.killHost(third)
  await save(page)

  await expect(cards(page)).toHaveCount(1)
  await stack.restartHost(third)
})
