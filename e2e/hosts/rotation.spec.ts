import { apply, begin, cards, save, upload } from '@/e2e/person'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { type ThreeHosts, test } from './three-hosts'

// S31: sessions survive the rotation of the shared secret, with hosts restarted one at a time.

const [older, newer] = ['the-older-secret', 'the-newer-secret'].map((secret) => secret.padEnd(40, '.')) as [
  string,
  string,
]
const secrets = (...list: string[]) => ({ SESSION_SECRETS: list.join(',') })

test.use({ environment: secrets(older) })

/** Restarts the hosts with other secrets, one after the other. */
async function roll(stack: ThreeHosts, list: string[], afterEach: (name: string) => Promise<void> = async () => {}) {
  for (const { name } of stack.hosts) {
    stack.set(name, secrets(...list))
    await stack.restartHost(name)
    await afterEach(name)
  }
}

test('S31: rotating the secret in the documented order signs no one out', async ({ page, stack }) => {
  test.setTimeout(300_000)
  const { hosts, origin } = stack
  const people: { person: ApiClient; id: string | null }[] = []
  const arrive = async (host: string) => {
    const person = await ApiClient.signIn({ origin }, host)
    people.push({ person, id: await person.at(host).whoAmI() })
    return person
  }
  const expectAllKnown = async () => {
    for (const { person, id } of people) {
      expect(id).not.toBeNull()
      for (const host of hosts) expect(await person.at(host.origin).whoAmI(), host.name).toBe(id)
    }
  }
  // Meanwhile one person takes the steps in a browser, another by the API on changing hosts.
  await begin(page)
  await upload(page, await portrait())
  const [first, second, third] = hosts.map((host) => host.origin) as [string, string, string]
  const walker = await arrive(first)
  const uploadId = await walker.at(second).upload(await portrait())

  await roll(stack, [older, newer], async (name) => {
    await arrive(hosts.find((host) => host.name === name)?.origin as string)
    await expectAllKnown()
  })
  await apply(page)
  const crop = await walker.at(third).crop({ uploadId, area: portraitArea() })

  await roll(stack, [newer, older], async (name) => {
    await arrive(hosts.find((host) => host.name === name)?.origin as string)
    await expectAllKnown()
  })
  // A write now renews the session with the new secret.
  await save(page)
  const saved = await walker.at(second).save(crop)
  expect(saved).toMatchObject({ uploadId, current: true })
  for (const { person } of people) {
    await person.at(first).send('PUT', '/api/collections/avatars/current', { imageId: null })
  }

  await roll(stack, [newer], expectAllKnown)
  await page.reload()
  await expect(cards(page)).toHaveCount(1)
  await expect(page.getByRole('button', { name: 'Account menu' })).toBeVisible()
  expect((await walker.at(third).gallery()).map((image) => image.imageId)).toEqual([saved.imageId])
})

test('rotating in the wrong order signs people out on some hosts, and loses nothing', { tag: '@long' }, async ({
  page,
  stack,
  witness,
}) => {
  test.setTimeout(300_000)
  const { hosts, origin } = stack
  await roll(stack, [older])
  const [first, second, third] = hosts.map((host) => host.origin) as [string, string, string]
  const person = await ApiClient.signIn({ origin }, first)
  const id = await person.at(first).whoAmI()
  const uploadId = await person.at(first).upload(await portrait())
  const crop = await person.at(second).crop({ uploadId, area: portraitArea() })
  const saved = await person.at(second).save(crop)

  // One host seals with the new secret, which two hosts do not know yet.
  stack.set(hosts[0]?.name as string, secrets(newer, older))
  await stack.restartHost(hosts[0]?.name as string)
  expect(await Promise.all([first, second, third].map((host) => person.at(host).whoAmI()))).toEqual([id, id, id])
  await person.at(first).send('PUT', '/api/collections/avatars/current', { imageId: saved.imageId })
  expect(await Promise.all([first, second, third].map((host) => person.at(host).whoAmI()))).toEqual([id, null, null])
  expect((await person.at(second).send('GET', '/api/images')).status).toBe(401)
  const writing = await person.at(third).send('PUT', '/api/collections/avatars/current', { imageId: null })
  expect(writing.status).toBe(401)
  // Pages start over instead of failing.
  const stranger = await ApiClient.signIn({ origin }, first)
  const [name = '', value = ''] = stranger.cookie.split(/=(.*)/)
  await page.context().addCookies([{ name, value, domain: 'localhost', path: '/' }])
  await page.goto(`${third.replace('127.0.0.1', 'localhost')}/gallery`)
  await expect(page.getByRole('heading', { name: 'No photos in this browser yet' })).toBeVisible()
  // This page has a host's own address, which is not the site's origin.
  expectOnly(witness, third.replace('127.0.0.1', 'localhost'))

  await roll(stack, [newer, older])
  expect(await Promise.all([first, second, third].map((host) => person.at(host).whoAmI()))).toEqual([id, id, id])
  expect((await person.at(second).gallery()).map((image) => image.imageId)).toEqual([saved.imageId])
})
