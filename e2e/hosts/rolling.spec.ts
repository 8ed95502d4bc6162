import { skipWithoutHaproxy, test } from '@/e2e/haproxy-stack'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'

skipWithoutHaproxy()

// All people share one address, so raise its limits. DRAIN_MS is the default, in which the balancer must notice.
test.use({ variables: { WRITES_PER_MINUTE: '100000', CROPS_PER_MINUTE: '100000', DRAIN_MS: '25000' } })

test('restarting hosts one after the other, as in a deployment, loses no request', async ({ stack }) => {
  test.setTimeout(240_000)
  const { origin } = stack
  let flows = 0
  let isOver = false
  /** Uploads and saves photos until the roll is over. Fails on the first unexpected response. */
  const uploadPhotos = async () => {
    const person = await ApiClient.signIn({ origin })
    const saved: string[] = []
    while (!isOver) {
      const uploadId = await person.upload(await portrait())
      const { cropId } = await person.crop({ uploadId, area: portraitArea() })
      saved.unshift((await person.save({ uploadId, cropId })).imageId)
      expect((await person.gallery()).map((image) => image.imageId)).toEqual(saved.slice(0, 24))
      flows += 1
    }
  }
  const roll = async () => {
    for (const { name } of stack.hosts) {
      const before = flows
      await stack.restartHost(name)
      expect(flows, `while ${name} was restarted`).toBeGreaterThan(before)
    }
  }
  const rolled = roll().finally(() => {
    isOver = true
  })
  await Promise.all([rolled, ...Array.from({ length: 4 }, uploadPhotos)])
})
