import { expect, test } from 'vitest'
import { host, other, world } from './shared-world.test-support'
import { createOwner, draft, granted, hourMs } from './world.test-support'

test('a save whose host is killed right after its entry, when the picture was deleted meanwhile, does not bring it back', async () => {
  const owner = createOwner()
  const { imageId, cropId } = await draft(host, owner)
  const slow = await world.startHost()
  slow.hooks.before = async ({ command, keys }) => {
    if (command !== 'PutObject' || !keys[0]?.includes('/entries/')) return
    granted(await other.saveImage(owner, { imageId, cropId }))
    granted(await other.deleteImage(owner, imageId))
    slow.killAfterWrites(0)
  }
  await slow.saveImage(owner, { imageId, cropId }).catch(() => {})
  console.log(await world.keys(`users/${owner.uid}/`), await world.keys(`media/${owner.uid}/`))
  console.log((granted(await host.gallery(owner)).images).length)
  await world.advance(49 * hourMs)
  await host.sweep(owner)
  console.log(await world.keys(`users/${owner.uid}/`), await world.keys(`media/${owner.uid}/`))
  expect(granted(await host.gallery(owner)).images).toEqual([])
})
