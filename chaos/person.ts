import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CropAnswer, CurrentAnswer, GalleryPage, Recropped, SavedImage, UploadTicket } from '@/lib/images/schema'
import type { Choices } from './choices'
import { askPatiently, type Outcome, Stuck, stuckAfterMs } from './client'
import { judgeGallery } from './judge-gallery'
import type { Account, Ledger, Picture, SaveChoice } from './ledger'
import { type CollectionName, drawPicture, type Frame, pictureTypes, placesOf, recipeOf } from './pictures'
import type { Tally } from './tally'

/** Where people go, and what they share. */
export interface World {
  /** The site's own, as a browser knows it; requests go to its port on the loopback. */
  origin: string
  ledger: Ledger
  tally: Tally
}

/** An answer that a step asks for, read, and how many tries before it had none. */
interface Told<T> {
  status: number
  value: T
  lost: number
}

/** How a save is made. */
interface SaveManner extends SaveChoice {
  /** The head of the trail that the page showed; undefined: it says nothing of it. */
  seen: string | null | undefined
  /** How many requests are sent at once: a double click is two. */
  atOnce: number
}

/** Somebody who is signed in, and does by API what the pages do for a person. All they are told goes into their account. */
export class Person {
  private constructor(
    private readonly world: World,
    private readonly choices: Choices,
    readonly account: Account,
  ) {}

  /** Signs in as a new guest. Throws Stuck. */
  static async signIn(world: World, choices: Choices): Promise<Person> {
    const { origin, tally } = world
    const guest = { method: 'POST', url: new URL('/api/session/guest', origin), headers: { origin } }
    const signedIn = await askPatiently('sign in', guest, choices, tally)
    const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0]
    if (signedIn.status !== 204 || !cookie) throw new Stuck(`signing in was answered ${signedIn.status}`)
    return new Person(world, choices, await Person.open(world, choices, cookie))
  }

  /** Opens the account of whoever has that session. Throws Stuck. */
  static async open({ origin, tally, ledger }: World, choices: Choices, cookie: string): Promise<Account> {
    const who = { method: 'GET', url: new URL('/api/session', origin), headers: { cookie } }
    const { status, body } = await askPatiently('who am I', who, choices, tally)
    if (status !== 200) throw new Stuck(`asking who one is was answered ${status}`)
    return ledger.open(JSON.parse(body.toString()).user.id, cookie)
  }

  /** Somebody who was here before. */
  static back(world: World, choices: Choices, account: Account): Person {
    return new Person(world, choices, account)
  }

  /** Step 1: has an upload issued and sends the file, by a new policy where the old one does not do any more. */
  async upload(collection: CollectionName): Promise<Picture> {
    const code = this.choices.whole(0, 2 ** 40)
    const type = this.choices.pick(pictureTypes)
    const file = await drawPicture(collection, code, type)
    const beganAt = performance.now()
    for (;;) {
      const request = { collection, contentType: type, size: file.length }
      const { value: ticket } = await this.#ask<UploadTicket>('issue', 'POST', '/api/uploads', request)
      const sent = await this.#post('post', ticket, file)
      if (sent.status < 300) {
        this.account.note(`uploads ${code} as ${ticket.imageId}`)
        return this.account.issue(ticket.imageId, collection, code)
      }
      // The policy has run out while the store was away.
      if (sent.status !== 403 || performance.now() - beganAt > stuckAfterMs) {
        throw new Stuck(`the store refused an upload: ${sent.status} ${sent.body.toString('utf8', 0, 300)}`)
      }
      this.world.tally.retry('policy expired')
      await sleep(1_000)
    }
  }

  /** Step 2. */
  async crop(picture: Picture, frame: Frame): Promise<string> {
    const { imageId, collection } = picture
    const recipe = recipeOf(collection, frame)
    const { value } = await this.#ask<CropAnswer>('crop', 'POST', '/api/crop', { imageId, ...recipe })
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
      Array.from({ length: atOnce }, () => this.#ask<SavedImage>('save', 'POST', '/api/images', body)),
    )
    const lost = answers.reduce((sum, answer) => sum + answer.lost, 0)
    const isCurrent = answers.every(({ value }) => value.current)
    account.note(`saves ${picture.imageId} as ${cropId}, ×${atOnce}, ${lost} without an answer: current ${isCurrent}`)
    account.tellSaved(picture, { cropId, isCurrent }, { lost, hasSeen: seen !== undefined, now: Date.now() })
    world.tally.flows += 1
    for (const { value } of answers) this.#judgeSaved(picture, value)
    if (mustBecomeCurrent && !isCurrent) {
      account.find({
        kind: 'lost',
        what: `${picture.imageId} was saved over the head that was seen, and is not current`,
      })
    }
  }

  /** Sends the save of a picture that is saved again, as it was sent then: nothing may change. */
  async saveLate(picture: Picture, seen: string | null): Promise<void> {
    const { cropId, keepsOriginal } = picture.saved as SaveChoice
    const body = { imageId: picture.imageId, cropId, seen, keepOriginal: keepsOriginal }
    const { value } = await this.#ask<SavedImage>('save late', 'POST', '/api/images', body)
    this.account.note(`repeats the save of ${picture.imageId}, late`)
    this.#judgeSaved(picture, value)
  }

  /** Saves another crop of a picture that is saved: that must be refused. */
  async saveOther(picture: Picture, cropId: string): Promise<void> {
    const body = { imageId: picture.imageId, cropId }
    const { status } = await this.#ask<unknown>('save another crop', 'POST', '/api/images', body, [201, 409])
    this.account.note(`tries to save ${picture.imageId} as ${cropId}: ${status}`)
    if (status === 201)
      this.account.find({ kind: 'wrong', what: `${picture.imageId} was saved once more, as ${cropId}` })
  }

  /** Crop again: a new image of a saved one's original; null, as it must be, where that was not kept. */
  async recrop(picture: Picture): Promise<Picture | null> {
    const keepsOriginal = picture.saved?.keepsOriginal
    const path = `/api/images/${picture.imageId}/recrop`
    const { status, value } = await this.#ask<Recropped>('recrop', 'POST', path, undefined, [keepsOriginal ? 201 : 409])
    this.account.note(`crops ${picture.imageId} again: ${status}`)
    return status === 201 ? this.account.issue(value.imageId, picture.collection, picture.code) : null
  }

  async delete(picture: Picture): Promise<void> {
    this.account.askDeletion(picture)
    const { lost } = await this.#ask('delete', 'DELETE', `/api/images/${picture.imageId}`)
    this.account.note(`deletes ${picture.imageId}, ${lost} without an answer`)
    this.account.tellDeleted(picture, Date.now())
  }

  async describe(picture: Picture, alt: string): Promise<void> {
    picture.alt.ask(alt)
    const { value, lost } = await this.#ask<SavedImage>('describe', 'PATCH', `/api/images/${picture.imageId}`, { alt })
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
    const { lost } = await this.#ask('choose', 'PUT', `/api/collections/${collection}/current`, { imageId })
    this.account.note(`makes ${imageId} current, ${lost} without an answer`)
    this.account.tellCurrent(collection, imageId, lost, Date.now())
  }

  /** Reads the head of the trail, as a page does that it shows. */
  async readHead(collection: CollectionName): Promise<string | null> {
    const { value } = await this.#ask<CurrentAnswer>('current', 'GET', `/api/collections/${collection}/current`)
    const shown = value.current?.imageId ?? null
    const current = this.account.current[collection]
    if (current.accepts(shown)) current.see(shown, Date.now())
    else this.account.find({ kind: 'wrong', what: `${shown} is current, and ${current} was told to be` })
    return value.seen
  }

  /** Opens the whole gallery, and holds it to what was told. */
  async lookAtGallery(collection: CollectionName, now: () => number = Date.now): Promise<void> {
    const images: SavedImage[] = []
    let cursor: string | null = null
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = `/api/images?collection=${collection}&limit=100${page}`
      const { value }: Told<GalleryPage> = await this.#ask<GalleryPage>('gallery', 'GET', path)
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

  /** Asks a host. Throws Stuck where the answer is none of those that are expected. */
  async #ask<T>(
    name: string,
    method: string,
    path: string,
    body?: unknown,
    expected = [200, 201, 204],
  ): Promise<Told<T>> {
    const { origin, tally } = this.world
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { cookie: this.account.cookie, origin, ...json }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const {
      status,
      body: bytes,
      lost,
    } = await askPatiently(name, { method, url: new URL(path, origin), headers, body: text }, this.choices, tally)
    if (!expected.includes(status)) {
      throw new Stuck(
        `${name} ${method} ${path} ${text ?? ''} was answered ${status} ${bytes.toString('utf8', 0, 300)}`,
      )
    }
    return { status, value: bytes.length > 0 ? JSON.parse(bytes.toString()) : null, lost }
  }

  /** Sends a file to the store, as a browser's form does. */
  #post(name: string, ticket: UploadTicket, file: Buffer): Promise<Outcome> {
    const boundary = randomUUID()
    const parts = Object.entries(ticket.fields ?? {}).map(
      ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
    )
    const opening = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo"\r\n\r\n`
    const body = Buffer.concat([Buffer.from(parts.join('') + opening), file, Buffer.from(`\r\n--${boundary}--\r\n`)])
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
    return askPatiently(
      name,
      { method: 'POST', url: new URL(ticket.url), headers, body },
      this.choices,
      this.world.tally,
    )
  }
}
