import { setTimeout as sleep } from 'node:timers/promises'
import type {
  CropAnswer,
  CurrentAnswer,
  DeleteAnswer,
  GalleryPage,
  Recropped,
  SavedImage,
  UploadTicket,
} from '@/lib/images/schema'
import type { Choices } from './choices'
import { Stuck, stuckAfterMs } from './client'
import { guestCredentials } from './credentials'
import { judgeGallery, judgeHead } from './judge-gallery'
import type { Account, Image, SaveChoice, Upload } from './ledger'
import { type CollectionName, type CropFrame, drawPicture, pictureTypes, placesOf, recipeOf } from './pictures'
import { type Reply, Session, type World } from './session'

/** How a save is sent. */
interface SaveRequest extends SaveChoice {
  /** The head of the trail on the page; undefined: the save sends none. */
  seen: string | null | undefined
  /** The number of concurrent requests: a double click sends two. */
  clicks: number
}

/** The response to a save: an image, or a problem with its code. */
type SaveReply = Reply<SavedImage & { code?: string }>

/** A person who is signed in and uses the API as the pages do. The account records every response. */
export class Person {
  readonly #session: Session

  constructor(
    private readonly world: World,
    private readonly choices: Choices,
    readonly account: Account,
  ) {
    this.#session = new Session(world, choices, account.credentials)
  }

  /** Step 1: issues an upload and sends the file. Issues another one if the policy has expired. */
  async upload(collection: CollectionName): Promise<Upload> {
    const code = this.choices.whole(0, 2 ** 40)
    const type = this.choices.pick(pictureTypes)
    const buffer = await drawPicture(collection, code, type)
    const startedAt = performance.now()
    for (let attempt = 0; ; attempt += 1) {
      const request = { collection, contentType: type, size: buffer.length }
      const { value: ticket } = await this.#session.send<UploadTicket>('issue', 'POST', '/api/uploads', request)
      const sent = await this.#session.post(ticket, { name: 'photo', mimeType: type, buffer })
      if (sent.status < 300) {
        this.account.log(`uploads ${code} as ${ticket.uploadId}`)
        return this.account.issue(ticket.uploadId, collection, code)
      }
      // The policy has expired while the store was unreachable.
      if (sent.status !== 403 || performance.now() - startedAt > stuckAfterMs) {
        throw new Stuck(`the store rejected an upload: ${sent.status} ${sent.body.toString('utf8', 0, 300)}`)
      }
      this.world.tally.retry('policy expired')
      // With backoff: while the store reports a wrong time, new policies are expired from the start.
      await sleep(Math.min(1_000 * 2 ** attempt, 5_000))
    }
  }

  /** Step 2. @returns the cropId, or null if the source is gone, as after a save without the original */
  async crop(upload: Upload, frame: CropFrame): Promise<string | null> {
    const { uploadId, collection } = upload
    const recipe = recipeOf(collection, frame)
    const expected = upload.mayLackSource ? [200, 409] : [200]
    const request = { uploadId, ...recipe }
    const { status, value } = await this.#session.send<CropAnswer & { code?: string }>(
      'crop',
      'POST',
      '/api/crop',
      request,
      expected,
    )
    if (status === 409) {
      this.account.log(`crops ${uploadId}: ${value.code}`)
      if (value.code !== 'not_uploaded') this.#reportWrong(`a crop of ${uploadId} returns ${value.code}`)
      return null
    }
    const known = [...upload.frames].find(([, { column, row, isFlipped }]) => {
      return column === frame.column && row === frame.row && isFlipped === frame.isFlipped
    })
    if (known && known[0] !== value.cropId) {
      this.#reportWrong(`the same crop of ${uploadId} was ${known[0]} and is now ${value.cropId}`)
    }
    upload.frames.set(value.cropId, frame)
    const flipped = frame.isFlipped ? ' flipped' : ''
    this.account.log(`crops ${uploadId} at ${frame.column},${frame.row}${flipped}: ${value.cropId}`)
    return value.cropId
  }

  /** Step 3. @returns the image, or null if another save removed the original that this one wants */
  async save(upload: Upload, { clicks, seen, ...choice }: SaveRequest): Promise<Image | null> {
    const { account } = this
    // A request without a response may have moved the head since the page was shown.
    const mustBecomeCurrent = account.current[upload.collection].isCertain
    const image = account.requestSave(upload, choice, seen)
    const isNew = !image.isSaved
    const replies = await Promise.all(Array.from({ length: clicks }, () => this.#sendSave('save', image, seen)))
    const lost = replies.reduce((sum, reply) => sum + reply.lost, 0)
    const saved = replies.filter(({ status }) => status === 201)
    account.log(`saves ${describeSave(image)}, ×${clicks}, ${describeLost(lost)}: ${describeReplies(replies)}`)
    if (saved.length === 0) {
      account.rejectSave(image, lost, Date.now())
      return null
    }
    const isCurrent = saved.every(({ value }) => value.current)
    account.confirmSave(image, isCurrent, Date.now())
    if (isNew) this.world.tally.flows += 1
    for (const { value } of saved) this.#judgeSaved(image, value)
    if (isNew && mustBecomeCurrent && !isCurrent) {
      account.addFinding('lost', `${image.imageId} was saved over the head on the page but is not current`)
    }
    return image
  }

  /** Saves two crops of one upload concurrently, as from two tabs. Each becomes an image. */
  async race(upload: Upload, choices: readonly SaveChoice[], seen: string | null | undefined): Promise<void> {
    const { account } = this
    const images = choices.map((choice) => account.requestSave(upload, choice, seen))
    const sent = images.map(async (image) => ({ image, ...(await this.#sendSave('save in a race', image, seen)) }))
    const replies = await Promise.all(sent)
    for (const reply of replies) {
      account.log(`races ${describeSave(reply.image)}, ${describeLost(reply.lost)}: ${describeReplies([reply])}`)
    }
    const now = Date.now()
    const saved = replies.filter(({ status }) => status === 201)
    for (const { image, lost, status } of replies) if (status !== 201) account.rejectSave(image, lost, now)
    account.confirmRace(
      saved.map(({ image, value, lost }) => ({ image, isCurrent: value.current, lost })),
      now,
    )
    for (const { image, value } of saved) {
      this.world.tally.flows += 1
      this.#judgeSaved(image, value)
    }
    // One save may remove the original that the other one wants. The other one then saves without it.
    for (const { image, status } of replies) {
      if (status === 201) continue
      const choice = { cropId: image.cropId, keepsOriginal: false }
      await this.save(upload, { ...choice, seen: undefined, clicks: 1 })
    }
  }

  /** Sends a save and leaves before the response, without a retry. The save may run or not. */
  async saveAndLeave(upload: Upload, choice: SaveChoice): Promise<void> {
    const image = this.account.requestSave(upload, choice)
    const { cropId, keepsOriginal } = choice
    const body = { uploadId: upload.uploadId, cropId, keepOriginal: keepsOriginal }
    await this.#session.sendAndLeave('POST', '/api/images', body)
    this.account.log(`saves ${describeSave(image)}, and leaves`)
    this.account.rejectSave(image, 1, Date.now())
  }

  /** Sends a deletion and leaves before the response, without a retry. The deletion may run or not. */
  async deleteAndLeave(image: Image): Promise<void> {
    this.account.requestDeletion(image)
    await this.#session.sendAndLeave('DELETE', `/api/images/${image.imageId}`)
    this.account.log(`deletes ${image.imageId}, and leaves`)
    this.account.failDeletion(image, Date.now())
  }

  /** Repeats the save of a saved image, which changes nothing. @param seen the head on a later page */
  async saveAgain(image: Image, seen: string | null | undefined): Promise<void> {
    const reply = await this.#sendSave('save again', image, seen)
    this.account.log(`repeats the save of ${image.imageId}: ${describeReplies([reply])}`)
    if (reply.status === 201) this.#judgeRepeated(image, reply.value)
  }

  /** Repeats the save of a deleted image, which stays deleted. */
  async saveDeleted(image: Image): Promise<void> {
    const reply = await this.#sendSave('save a deleted image', image, image.seen)
    this.account.log(`saves ${image.imageId} after its deletion: ${describeReplies([reply])}`)
  }

  /** Deletes an image in one tab while another tab repeats its save. */
  async deleteWhileSaving(image: Image): Promise<void> {
    this.account.requestDeletion(image)
    const path = `/api/images/${image.imageId}`
    const [{ lost }, reply] = await Promise.all([
      this.#session.send('delete', 'DELETE', path),
      this.#sendSave('save again', image, image.seen),
    ])
    this.account.log(`deletes ${image.imageId}, ${describeLost(lost)}; its repeated save: ${describeReplies([reply])}`)
    this.account.confirmDeletion(image, Date.now())
  }

  /** Crops again: creates an upload from a kept original. @returns null if the original was not kept */
  async recrop({ imageId, cropId, keepsOriginal, upload }: Image): Promise<Upload | null> {
    const expected = [keepsOriginal ? 201 : 409]
    const path = `/api/images/${imageId}/recrop`
    const { status, value } = await this.#session.send<Recropped>('recrop', 'POST', path, undefined, expected)
    this.account.log(`crops ${imageId} again: ${status === 201 ? value.uploadId : status}`)
    if (status !== 201) return null
    const expectedRecipe = JSON.stringify(recipeOf(upload.collection, upload.frames.get(cropId) as CropFrame))
    const { area, flip } = value.recipe
    const recipe = JSON.stringify({ area, flip })
    if (recipe !== expectedRecipe)
      this.#reportWrong(`${imageId} was saved at ${expectedRecipe} but is cropped again at ${recipe}`)
    return this.account.issue(value.uploadId, upload.collection, upload.code)
  }

  async delete(image: Image): Promise<void> {
    this.account.requestDeletion(image)
    const { lost } = await this.#session.send('delete', 'DELETE', `/api/images/${image.imageId}`)
    this.account.log(`deletes ${image.imageId}, ${describeLost(lost)}`)
    this.account.confirmDeletion(image, Date.now())
  }

  /** Deletes images in one request. @returns the images whose deletion failed */
  async deleteMany(images: readonly Image[]): Promise<Image[]> {
    const { account } = this
    for (const image of images) account.requestDeletion(image)
    const request = { imageIds: images.map(({ imageId }) => imageId) }
    const path = '/api/images/delete'
    const { value, lost } = await this.#session.send<DeleteAnswer>('delete many', 'POST', path, request)
    const { deleted, failed } = value
    account.log(
      `deletes ${request.imageIds} together, ${describeLost(lost)}: ${deleted.length} deleted, failed: ${JSON.stringify(failed)}`,
    )
    const reported = [...deleted, ...failed.map(({ imageId }) => imageId)]
    if (reported.toSorted().join() !== request.imageIds.toSorted().join()) {
      this.#reportWrong(`a deletion of ${request.imageIds} reports on ${reported}`)
    }
    const now = Date.now()
    for (const image of images) if (deleted.includes(image.imageId)) account.confirmDeletion(image, now)
    for (const { imageId, code } of failed) {
      if (code === 'not_found') account.addFinding('lost', `${imageId} was saved but cannot be deleted`)
    }
    const left = images.filter(({ imageId }) => !deleted.includes(imageId))
    for (const image of left) account.failDeletion(image, now)
    return left
  }

  async describe(image: Image, alt: string): Promise<void> {
    image.alt.request(alt)
    const path = `/api/images/${image.imageId}`
    const { value, lost } = await this.#session.send<SavedImage>('describe', 'PATCH', path, { alt })
    this.account.log(`describes ${image.imageId} as "${alt}", ${describeLost(lost)}`)
    this.account.confirmAlt(image, alt, lost, Date.now())
    if (value.alt !== alt) {
      this.account.addFinding('lost', `${image.imageId} was described as "${alt}" but returns "${value.alt}"`)
    }
  }

  /** Makes an image current; null: none. */
  async choose(collection: CollectionName, imageId: string | null): Promise<void> {
    this.account.requestCurrent(collection, imageId)
    const path = `/api/collections/${collection}/current`
    const { value, lost } = await this.#session.send<CurrentAnswer>('choose', 'PUT', path, { imageId })
    this.account.log(`makes ${imageId} current, ${describeLost(lost)}`)
    this.account.confirmCurrent(collection, imageId, lost, Date.now())
    const current = value.current?.imageId ?? null
    if (current !== imageId) this.#reportWrong(`${imageId} was made current but the response says ${current}`)
  }

  /** Reads and checks the head of the trail, as a page does. */
  async readHead(collection: CollectionName, now: () => number = Date.now): Promise<string | null> {
    const path = `/api/collections/${collection}/current`
    const { value } = await this.#session.send<CurrentAnswer>('current', 'GET', path)
    judgeHead(this.account, collection, value.current, now())
    return value.seen
  }

  /** Ends all sessions of this person, and signs in again. */
  async signOutEverywhere(): Promise<void> {
    await this.#session.signOutEverywhere()
    this.account.log('signs out everywhere, and in again')
  }

  /** Checks that no host accepts a session that was ended. */
  async tryEndedSessions(): Promise<void> {
    for (const cookie of this.account.credentials.ended) {
      const session = new Session(this.world, this.choices, guestCredentials(cookie))
      const { status } = await session.send('who am I', 'GET', '/api/session', undefined, [200, 401])
      if (status === 200) this.#reportWrong('a session is valid that was ended everywhere')
    }
  }

  /** Reads and checks the whole gallery. */
  async openGallery(collection: CollectionName, now: () => number = Date.now): Promise<void> {
    const images: SavedImage[] = []
    let cursor: string | null = null
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = `/api/images?collection=${collection}&limit=100${page}`
      const { value }: Reply<GalleryPage> = await this.#session.send<GalleryPage>('gallery', 'GET', path)
      images.push(...value.images)
      cursor = value.nextCursor
    } while (cursor !== null)
    judgeGallery(this.account, collection, images, now())
  }

  /** Chooses a random frame. */
  chooseFrame(collection: CollectionName): CropFrame {
    const { columns, rows } = placesOf(collection)
    return {
      column: this.choices.whole(0, columns - 1),
      row: this.choices.whole(0, rows - 1),
      isFlipped: this.choices.chance(0.3),
    }
  }

  /** Sends a save, and checks that a rejection is justified. */
  async #sendSave(name: string, image: Image, seen: string | null | undefined): Promise<SaveReply> {
    const { imageId, cropId, keepsOriginal } = image
    const { uploadId } = image.upload
    const body = { uploadId, cropId, seen, keepOriginal: keepsOriginal }
    const reply: SaveReply = await this.#session.send(name, 'POST', '/api/images', body, [201, 409])
    const { status, value } = reply
    if (status === 201) {
      if (image.deletion === 'confirmed') this.#reportWrong(`${imageId} was deleted but ${name} is acknowledged`)
      return reply
    }
    const isJustified =
      value.code === 'deleted'
        ? image.deletion !== 'none'
        : value.code === 'no_original' && keepsOriginal && image.upload.mayLackSource && !image.isSaved
    if (!isJustified) this.#reportWrong(`${name} of ${imageId} is rejected as ${value.code}`)
    else if (value.code === 'deleted') this.account.confirmDeletion(image, Date.now())
    return reply
  }

  #judgeSaved(image: Image, saved: SavedImage): void {
    const { imageId, cropId, keepsOriginal, upload } = image
    upload.savedAt ??= saved.savedAt
    const expected = [imageId, upload.uploadId, cropId, keepsOriginal, upload.savedAt].join()
    const actual = [saved.imageId, saved.uploadId, saved.cropId, saved.original !== null, saved.savedAt].join()
    if (actual !== expected) this.#reportWrong(`the save of ${expected} returns ${actual}`)
  }

  /** Checks the response to a repeated save, which has the latest description and current image. */
  #judgeRepeated(image: Image, saved: SavedImage): void {
    this.#judgeSaved(image, saved)
    const { imageId, upload, alt } = image
    const current = this.account.current[upload.collection]
    if (!alt.accepts(saved.alt)) this.#reportWrong(`${imageId} returns "${saved.alt}" instead of "${alt}"`)
    const isRight = saved.current ? current.accepts(imageId) : !(current.isCertain && current.known === imageId)
    if (!isRight) this.#reportWrong(`${imageId} returns current: ${saved.current} but ${current} is current`)
  }

  #reportWrong(what: string): void {
    this.account.addFinding('wrong', what)
  }
}

function describeSave({ imageId, cropId, keepsOriginal }: Image): string {
  return `${imageId} (crop ${cropId}${keepsOriginal ? '' : ', without the original'})`
}

function describeReplies(replies: readonly SaveReply[]): string {
  return replies
    .map(({ status, value }) => (status === 201 ? `saved, current ${value.current}` : value.code))
    .join(', ')
}

function describeLost(lost: number): string {
  return `${lost} tries without a response`
}
