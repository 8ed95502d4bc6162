import { type Choices, choicesOf } from './choices'
import { Stuck } from './client'
import type { Account, Picture } from './ledger'
import { Person } from './person'
import type { CollectionName } from './pictures'
import { Session, type World } from './session'

/** What a person does between two pictures, and how often. */
const errands = {
  nothing: 36,
  look: 3,
  choose: 3,
  chooseNone: 1,
  describe: 3,
  delete: 3,
  saveLate: 2,
  saveOther: 1,
  race: 2,
  abandon: 1,
}

/**
 * People come, put up some pictures, look, choose, describe and delete, and go, so many at a time, until it is over; who
 * is at a picture then finishes it. What goes wrong with them stands in their accounts.
 */
export async function liveUntil(isOver: () => boolean, world: World, seed: number, atOnce: number): Promise<void> {
  let come = 0
  const comeAndGo = async () => {
    while (!isOver()) {
      come += 1
      await live(world, choicesOf(seed, `person ${come}`), isOver)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, comeAndGo))
}

async function live(world: World, choices: Choices, isOver: () => boolean): Promise<void> {
  let account: Account | undefined
  try {
    account = await (await Session.begin(world, choices)).openAccount()
    const person = new Person(world, choices, account)
    // Most have pictures of one kind.
    const collection = choices.chance(0.08) ? 'covers' : 'avatars'
    for (let left = choices.whole(4, 14); left > 0 && !isOver(); left -= 1) {
      await putUp(person, choices, choices.chance(0.02) ? 'covers' : collection)
      await run(choices.weighted(errands), person, choices, collection)
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    const stuck = account ?? world.ledger.open('', '')
    stuck.find({ kind: 'stuck', what: error.message })
  }
}

/** Upload or "crop again", crop, and save. */
async function putUp(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const again = choices.chance(0.12) ? pickOf(person, choices, collection) : undefined
  const picture = (again && (await person.recrop(again))) ?? (await person.upload(collection))
  let cropId = await person.crop(picture, person.chooseFrame(collection))
  // Some change their mind, and some press twice.
  if (choices.chance(0.05)) cropId = await person.crop(picture, person.chooseFrame(collection))
  if (choices.chance(0.05)) await person.crop(picture, picture.frames.get(cropId) as never)
  const seen = choices.chance(0.25) ? await person.readHead(collection) : undefined
  const atOnce = choices.chance(0.06) ? choices.whole(2, 4) : 1
  await person.save(picture, { cropId, keepsOriginal: choices.chance(0.85), seen, atOnce })
  if (choices.chance(0.1)) await person.lookAtGallery(collection)
}

async function run(
  errand: keyof typeof errands,
  person: Person,
  choices: Choices,
  collection: CollectionName,
): Promise<void> {
  const picture = pickOf(person, choices, collection)
  switch (errand) {
    case 'nothing':
      return
    case 'look':
      return person.lookAtGallery(collection)
    case 'chooseNone':
      await person.choose(collection, null)
      return person.lookAtGallery(collection)
    case 'race':
      await race(person, choices, collection)
      return person.lookAtGallery(collection)
    case 'abandon':
      await person.crop(await person.upload(collection), person.chooseFrame(collection))
      return
  }
  if (!picture) return
  switch (errand) {
    case 'choose':
      await person.choose(collection, picture.imageId)
      break
    case 'describe':
      await person.describe(picture, `text ${choices.whole(0, 1_000_000)}`)
      break
    case 'delete':
      await person.delete(picture)
      break
    case 'saveOther':
      await saveOther(person, picture)
      break
    case 'saveLate': {
      const head = await person.readHead(collection)
      await putUp(person, choices, collection)
      // The newer one stands, whatever the older one's late retry says that it saw.
      await person.saveLate(picture, head)
      break
    }
  }
  if (choices.chance(0.5)) await person.lookAtGallery(collection)
}

/** Two crops of one upload. */
async function race(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const picture = await person.upload(collection)
  const cropIds = [
    await person.crop(picture, person.chooseFrame(collection)),
    await person.crop(picture, person.chooseFrame(collection)),
  ] as const
  if (cropIds[0] === cropIds[1]) return
  const [one, other] = cropIds.map((cropId) => ({ cropId, keepsOriginal: choices.chance(0.7) }))
  if (one && other) await person.race(picture, [one, other])
}

/** Where the original is gone there is nothing left to crop. */
async function saveOther(person: Person, picture: Picture): Promise<void> {
  if (!picture.saved?.keepsOriginal) return
  const cropId = await person.crop(picture, person.chooseFrame(picture.collection))
  if (cropId !== picture.saved.cropId) await person.saveOther(picture, cropId)
}

/** One of the pictures that stand. */
function pickOf(person: Person, choices: Choices, collection: CollectionName): Picture | undefined {
  const all = person.account.standing(collection)
  return all.length > 0 ? choices.pick(all) : undefined
}
