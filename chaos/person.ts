import { setTimeout as sleep } from 'node:timers/promises'
import type { CropAnswer, CurrentAnswer, GalleryPage, Recropped, SavedImage, UploadTicket } from '@/lib/images/schema'
import type { Choices } from './choices'
import { Stuck, stuckAfterMs } from './client'
import { judgeGallery, judgeHead } from './judge-gallery'
import type { Account, Picture, SaveChoice } from './ledger'
import { type CollectionName, drawPicture, type Frame, pictureTypes, placesOf, recipeOf } from './pictures'
import { Session, type Told, type World } from './session'

/** How a save is made. */
interface SaveManner extends SaveChoice {
  /** The head of the trail that the page showed; undefined: it says nothing of it. */
  seen: string | null | undefined
  /** How many requests are sent at once: a double click is two. */
  atOnce: number
}

/** Somebody who is signed in, and does by API what the pages do for a person. All they are told goes into their account. */
export class Person {
  readonly #session: Session

  constructor(
    private readonly world: World,
    private readonly choices: Choices,
    readonly account: Account,
  ) {
    this.#session = new Session(world, choices, account.cookie)
  }

  /** Step 1: has an upload issued and sends the file, by a new policy where the old one does not do any more. */
  async upload(collection: CollectionName): Promise<Picture> {
    const code = this.choices.whole(0, 2 ** 40)
    const type = this.choices.pick(pictureTypes)
    const file = await drawPicture(collection, code, type)
    const beganAt = performance.now()
    for (let attempt = 0; ; attempt += 1) {
      const request = { collection, contentType: type, size: file.length }
      const { value: ticket } = await this.#session.ask<UploadTicket>('issue', 'POST', '/api/uploads', request)
      const sent = await this.#session.post(ticket, file)
      if (sent.status < 300) {
        this.account.note(`uploads ${code} as ${ticket.imageId}`)
        return this.account.issue(ticket.imageId, collection, code)
      }
      // The policy has run out while the store was away.
      if (sent.status !== 403 || performance.now() - beganAt > stuckAfterMs) {
        throw new Stuck(`the store refused an upload: ${sent.status} ${sent.body.toString('utf8', 0, 300)}`)
      }
      this.world.tally.retry('policy expired')
      // Longer each time: until the store tells the right time again, each policy is born too old.
      await sleep(Math.min(1_000 * 2 ** attempt, 5_000))
    }
  }

  /** Step 2. */
  async crop(picture: Picture, frame: Frame): Promise<string> {
    const { imageId, collection } = picture
    const recipe = recipeOf(collection, frame)
    const { value } = await this.#session.ask<CropAnswer>('crop', 'POST', '/api/crop', { imageId, ...recipe })
    const known = [...picture.frames].find(([, { column, row, isFlipped }]) => {
      return column === frame.column && row === frame.row && isFlipped === frame.isFlipped
    })
    if (known && known[0] !== value.cropId) {
      this.account.find({ kind: 'wrong', what: `the same crop of ${imageId} was ${known[0]}, and is ${value.cropId}` })
    }
    picture.frames.set(value.cropId, frame)
    this.account.note(
      `crops ${imageId} at ${frame.column},${frame.row}${frame.isFlipped ? ' flipped' : ''}: ${value.cropId}`,
    )
    return value.cropId
  }

  /** Step 3, of a picture that is not saved yet. */
  async save(picture: Picture, { cropId, keepsOriginal, seen, atOnce }: SaveManner): Promise<void> {
    const { account, world } = this
    const current = account.current[picture.collection]
    // Something that was never answered may have moved the head since the page was shown.
    const mustBecomeCurrent = current.isCertain
    account.askSave(picture, { cropId, keepsOriginal })
    const body = { imageId: picture.imageId, cropId, seen, keepOriginal: keepsOriginal }
    const answers = await Promise.all(
      Array.from({ length: atOnce }, () => this.#session.ask<SavedImage>('save', 'POST', '/api/images', body)),
    )
    const lost = answers.reduce((sum, answer) => sum + answer.lost, 0)
    const isCurrent = answers.every(({ value }) => value.current)
    account.note(`saves ${picture.imageId} as ${cropId}, ×${atOnce}, ${lost} without an answer: current ${isCurrent}`)
    account.tellSaved(
      picture,
      { cropId, keepsOriginal, isCurrent },
      { lost, hasSeen: seen !== undefined, now: Date.now() },
    )
    world.tally.flows += 1
    for (const { value } of answers) this.#judgeSaved(picture, value)
    if (mustBecomeCurrent && !isCurrent) {
      account.find({
        kind: 'lost',
        what: `${picture.imageId} was saved over the head that was seen, and is not current`,
      })
    }
  }

  /** Saves two crops of one upload at once, as from two tabs: one of them is saved, and the other one told so. */
  async race(picture: Picture, choices: [SaveChoice, SaveChoice]): Promise<void> {
    const { account, world } = this
    const { imageId } = picture
    const tries = choices.map(async (choice) => {
      account.askSave(picture, choice)
      const body = { imageId, cropId: choice.cropId, keepOriginal: choice.keepsOriginal }
      const answer = await this.#session.ask<SavedImage>('save in a race', 'POST', '/api/images', body, [201, 409])
      return { choice, ...answer }
    })
    const answers = await Promise.all(tries)
    const lost = answers.reduce((sum, answer) => sum + answer.lost, 0)
    const winners = answers.filter(({ status }) => status === 201)
    account.note(
      `saves ${imageId} as ${winners.map(({ choice }) => choice.cropId)}, in a race, ${lost} without an answer`,
    )
    const [winner] = winners
    if (!winner || winners.length > 1) {
      account.find({ kind: 'wrong', what: `of two racing saves of ${imageId} ${winners.length} were acknowledged` })
    }
    if (!winner) return
    const answer = { ...winner.choice, isCurrent: winner.value.current }
    account.tellSaved(picture, answer, { lost, hasSeen: false, now: Date.now() })
    world.tally.flows += 1
    this.#judgeSaved(picture, winner.value)
  }

  /** Sends the save of a picture that is saved again, as it was sent then: nothing may change. */
  async saveLate(picture: Picture, seen: string | null): Promise<void> {
    const { cropId, keepsOriginal } = picture.saved as SaveChoice
    const body = { imageId: picture.imageId, cropId, seen, keepOriginal: keepsOriginal }
    const { value } = await this.#session.ask<SavedImage>('save late', 'POST', '/api/images', body)
    this.account.note(`repeats the save of ${picture.imageId}, late`)
    this.#judgeSaved(picture, value)
  }

  /** Saves another crop of a picture that is saved: that must be refused. */
  async saveOther(picture: Picture, cropId: string): Promise<void> {
    const body = { imageId: picture.imageId, cropId }
    const { status } = await this.#session.ask<unknown>('save another crop', 'POST', '/api/images', body, [201, 409])
    this.account.note(`tries to save ${picture.imageId} as ${cropId}: ${status}`)
    if (status === 201)
      this.account.find({ kind: 'wrong', what: `${picture.imageId} was saved once more, as ${cropId}` })
  }

  /** Crop again: a new image of a saved one's original; null, as it must be, where that was not kept. */
  async recrop(picture: Picture): Promise<Picture | null> {
    const keepsOriginal = picture.saved?.keepsOriginal
    const path = `/api/images/${picture.imageId}/recrop`
    const { status, value } = await this.#session.ask<Recropped>('recrop', 'POST', path, undefined, [
      keepsOriginal ? 201 : 409,
    ])
    this.account.note(`crops ${picture.imageId} again: ${status}`)
    return status === 201 ? this.account.issue(value.imageId, picture.collection, picture.code) : null
  }

  async delete(picture: Picture): Promise<void> {
    this.account.askDeletion(picture)
    const { lost } = await this.#session.ask('delete', 'DELETE', `/api/images/${picture.imageId}`)
    this.account.note(`deletes ${picture.imageId}, ${lost} without an answer`)
    this.account.tellDeleted(picture, Date.now())
  }

  async describe(picture: Picture, alt: string): Promise<void> {
    picture.alt.ask(alt)
    const { value, lost } = await this.#session.ask<SavedImage>('describe', 'PATCH', `/api/images/${picture.imageId}`, {
      alt,
    })
    this.account.note(`describes ${picture.imageId} as "${alt}", ${lost} without an answer`)
    const isCertain = picture.alt.isCertain
    this.account.tellAlt(picture, alt, lost, Date.now())
    if (isCertain && value.alt !== alt) {
      this.account.find({
        kind: 'lost',
        what: `${picture.imageId} was described as "${alt}", and answers "${value.alt}"`,
      })
    }
  }

  /** Makes a picture current, or none. */
  async choose(collection: CollectionName, imageId: string | null): Promise<void> {
    this.account.askCurrent(collection, imageId)
    const { lost } = await this.#session.ask('choose', 'PUT', `/api/collections/${collection}/current`, { imageId })
    this.account.note(`makes ${imageId} current, ${lost} without an answer`)
    this.account.tellCurrent(collection, imageId, lost, Date.now())
  }

  /** Reads the head of the trail, as a page does that it shows. */
  async readHead(collection: CollectionName, now: () => number = Date.now): Promise<string | null> {
    const { value } = await this.#session.ask<CurrentAnswer>('current', 'GET', `/api/collections/${collection}/current`)
    judgeHead(this.account, collection, value.current, now())
    return value.seen
  }

  /** Opens the whole gallery, and holds it to what was told. */
  async lookAtGallery(collection: CollectionName, now: () => number = Date.now): Promise<void> {
    const images: SavedImage[] = []
    let cursor: string | null = null
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = `/api/images?collection=${collection}&limit=100${page}`
      const { value }: Told<GalleryPage> = await this.#session.ask<GalleryPage>('gallery', 'GET', path)
      images.push(...value.images)
      cursor = value.nextCursor
    } while (cursor !== null)
    judgeGallery(this.account, collection, images, now())
  }

  /** A frame at random. */
  chooseFrame(collection: CollectionName): Frame {
    const { columns, rows } = placesOf(collection)
    return {
      column: this.choices.whole(0, columns - 1),
      row: this.choices.whole(0, rows - 1),
      isFlipped: this.choices.chance(0.3),
    }
  }

  #judgeSaved(picture: Picture, answer: SavedImage): void {
    const { cropId } = picture.saved as SaveChoice
    if (answer.imageId === picture.imageId && answer.cropId === cropId) return
    this.account.find({
      kind: 'wrong',
      what: `the save of ${picture.imageId} as ${cropId} answers ${answer.imageId} as ${answer.cropId}`,
    })
  }
}
