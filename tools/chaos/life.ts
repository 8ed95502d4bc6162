import { setTimeout as sleep } from 'node:timers/promises'
import { type Choices, choicesOf } from './choices'
import { Stuck, stuckAfterMs } from './client'
import type { Account, Image } from './ledger'
import { Person } from './person'
import type { CollectionName, CropFrame } from './pictures'
import { Session, type World } from './session'

/** The activities between two uploads, and their weights. */
const activities = {
  nothing: 32,
  look: 3,
  choose: 3,
  chooseNone: 1,
  describe: 3,
  delete: 2,
  deleteMany: 2,
  deleteWhileSaving: 1,
  saveLate: 2,
  saveDeleted: 1,
  saveOther: 2,
  race: 2,
  abandon: 1,
  saveAndLeave: 1,
  deleteAndLeave: 1,
  signOutEverywhere: 1,
}

/**
 * Lets people sign in, save some pictures, view, choose, describe and delete them, and leave, until `isOver`. Everyone then
 * finishes the current picture. The accounts record violations.
 * @param concurrency people at a time
 */
export async function liveUntil(isOver: () => boolean, world: World, seed: number, concurrency: number): Promise<void> {
  let people = 0
  const liveInTurn = async () => {
    while (!isOver()) {
      people += 1
      await live(world, choicesOf(seed, `person ${people}`), isOver)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, liveInTurn))
}

async function live(world: World, choices: Choices, isOver: () => boolean): Promise<void> {
  let account: Account | undefined
  try {
    account = await (await Session.begin(world, choices)).openAccount()
    const person = new Person(world, choices, account)
    // Most people use one collection.
    const collection = choices.chance(0.08) ? 'covers' : 'avatars'
    for (let left = choices.whole(4, 14); left > 0 && !isOver(); left -= 1) {
      await savePicture(person, choices, choices.chance(0.02) ? 'covers' : collection)
      await run(choices.weighted(activities), person, choices, collection)
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    const stuck = account ?? world.ledger.open('')
    stuck.addFinding('stuck', error.message)
  }
}

/** Uploads a picture or crops a saved one again, crops, and saves. */
async function savePicture(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const again = choices.chance(0.12) ? pickSaved(person, choices, collection) : undefined
  const upload = (again && (await person.recrop(again))) ?? (await person.upload(collection))
  let cropId = await crop(person, upload, person.chooseFrame(collection))
  // Some people choose another frame, and some press twice.
  if (choices.chance(0.05)) cropId = await crop(person, upload, person.chooseFrame(collection))
  if (choices.chance(0.05)) await crop(person, upload, upload.frames.get(cropId) as CropFrame)
  const seen = choices.chance(0.25) ? await person.readHead(collection) : undefined
  const clicks = choices.chance(0.06) ? choices.whole(2, 4) : 1
  await person.save(upload, { cropId, keepsOriginal: choices.chance(0.85), seen, clicks })
  if (choices.chance(0.1)) await person.openGallery(collection)
}

/** Crops an upload without a save, so its source must exist. */
async function crop(person: Person, upload: Parameters<Person['crop']>[0], frame: CropFrame): Promise<string> {
  return (await person.crop(upload, frame)) as string
}

async function run(
  activity: keyof typeof activities,
  person: Person,
  choices: Choices,
  collection: CollectionName,
): Promise<void> {
  const image = pickSaved(person, choices, collection)
  switch (activity) {
    case 'nothing':
      return
    case 'look':
      return person.openGallery(collection)
    case 'chooseNone':
      await person.choose(collection, null)
      return person.openGallery(collection)
    case 'signOutEverywhere':
      // Guests could not come back.
      if (person.account.credentials.subject === null) return
      await person.signOutEverywhere()
      return person.openGallery(collection)
    case 'race':
      await race(person, choices, collection)
      return person.openGallery(collection)
    case 'abandon':
      await person.crop(await person.upload(collection), person.chooseFrame(collection))
      return
    case 'saveAndLeave': {
      const upload = await person.upload(collection)
      const cropId = await crop(person, upload, person.chooseFrame(collection))
      return person.saveAndLeave(upload, { cropId, keepsOriginal: choices.chance(0.7) })
    }
    case 'deleteMany':
      await deleteMany(person, choices, collection)
      return person.openGallery(collection)
    case 'saveDeleted':
      await saveDeleted(person, choices, collection)
      return person.openGallery(collection)
  }
  if (!image) return
  switch (activity) {
    case 'choose':
      await person.choose(collection, image.imageId)
      break
    case 'describe':
      await person.describe(image, `text ${choices.whole(0, 1_000_000)}`)
      break
    case 'delete':
      await person.delete(image)
      break
    case 'deleteAndLeave':
      await person.deleteAndLeave(image)
      break
    case 'deleteWhileSaving':
      // The repeat of an unacknowledged save may make the image current.
      if (image.isAcknowledged) await person.deleteWhileSaving(image)
      break
    case 'saveOther':
      await saveOther(person, choices, image)
      break
    case 'saveLate': {
      const head = await person.readHead(collection)
      await savePicture(person, choices, collection)
      // The newer image stays current, although the late repeat sends an older head or none.
      await person.saveAgain(image, image.isAcknowledged && choices.chance(0.5) ? image.seen : head)
      break
    }
  }
  if (choices.chance(0.5)) await person.openGallery(collection)
}

/** Saves two crops of one upload, or one crop with and without the original, concurrently. */
async function race(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const upload = await person.upload(collection)
  const frame = person.chooseFrame(collection)
  const one = { cropId: await crop(person, upload, frame), keepsOriginal: choices.chance(0.7) }
  const otherFrame = choices.chance(0.3) ? frame : person.chooseFrame(collection)
  const cropId = await crop(person, upload, otherFrame)
  const other = { cropId, keepsOriginal: cropId === one.cropId ? !one.keepsOriginal : choices.chance(0.7) }
  const seen = choices.chance(0.5) ? await person.readHead(collection) : undefined
  await person.race(upload, [one, other], seen)
}

/** Saves another crop of an upload with a saved crop, which gives another image. */
async function saveOther(person: Person, choices: Choices, { upload }: Image): Promise<void> {
  const cropId = await person.crop(upload, person.chooseFrame(upload.collection))
  if (cropId === null) return
  const request = { cropId, seen: undefined, clicks: 1 }
  const keepsOriginal = choices.chance(0.7)
  const image = await person.save(upload, { ...request, keepsOriginal })
  if (!image && keepsOriginal) await person.save(upload, { ...request, keepsOriginal: false })
}

/** Deletes a selection. Some people retry the failed ones. */
async function deleteMany(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const max = choices.whole(2, 8)
  let left = person.account.saved(collection).filter(() => choices.chance(0.6))
  left = left.slice(0, max)
  const retries = !choices.chance(0.3)
  const startedAt = performance.now()
  while (left.length > 0) {
    left = await person.deleteMany(left)
    if (!retries) return
    if (performance.now() - startedAt > stuckAfterMs) throw new Stuck(`${left.length} images cannot be deleted`)
    if (left.length > 0) await sleep(500)
  }
}

/** Repeats the save of a deleted image. Deletes one if there is none. */
async function saveDeleted(person: Person, choices: Choices, collection: CollectionName): Promise<void> {
  const image = pickSaved(person, choices, collection)
  if (person.account.deleted(collection).length === 0 && image) await person.delete(image)
  const deleted = person.account.deleted(collection)
  if (deleted.length > 0) await person.saveDeleted(choices.pick(deleted))
}

/** Picks one of the saved images. */
function pickSaved(person: Person, choices: Choices, collection: CollectionName): Image | undefined {
  const all = person.account.saved(collection)
  return all.length > 0 ? choices.pick(all) : undefined
}
