import { type CollectionName, collectionNames, type Frame } from './pictures'
import { Register } from './register'

/**
 * What each person was told, which the store is held to. A request that had no answer may or may not have been done:
 * what it would have done is "perhaps", and either is right; what was told is told.
 */

/**
 * How long a try without an answer may still be at work, in milliseconds: on a host that was stopped and goes on, with
 * all the patience that it has with its store.
 */
const ghostMs = 120_000

/** What a save is told by, beside its image. */
export interface SaveChoice {
  cropId: string
  keepsOriginal: boolean
}

/** An upload, and the picture that was, or may have been, saved of it. */
export interface Picture {
  imageId: string
  collection: CollectionName
  /** Of the upload: see pictures.ts. */
  code: number
  /** The crops that were answered, by cropId. */
  frames: Map<string, Frame>
  /** Saves of it that were sent: one of them may stand, even if none was answered. */
  asked: SaveChoice[]
  /** As the person was told. */
  saved: SaveChoice | null
  deletion: 'none' | 'asked' | 'told'
  alt: Register<string>
  /** Until when a try that was never answered may write it once more, in milliseconds. */
  ghostsUntil: number
}

/** What a picture was saved as, if what stands of it is that crop; as it was told, or else as it was asked for. */
export function choiceOf({ saved, asked }: Picture, cropId: string): SaveChoice | null {
  return saved ?? asked.find((choice) => choice.cropId === cropId) ?? asked[0] ?? null
}

/** Something that must not be. */
export interface Finding {
  kind: 'lost' | 'wrong' | 'stuck' | 'orphan'
  what: string
}

/** One person: what they did, and what they were told. */
export class Account {
  readonly pictures = new Map<string, Picture>()
  readonly current = Object.fromEntries(
    collectionNames.map((name) => [name, new Register<string | null>(null)]),
  ) as Record<CollectionName, Register<string | null>>
  readonly history: string[] = []
  readonly findings: Finding[] = []

  constructor(
    readonly name: string,
    readonly uid: string,
    /** The session. */
    readonly cookie: string,
    private readonly beganAt: number,
  ) {}

  note(line: string): void {
    this.history.push(`${((Date.now() - this.beganAt) / 1000).toFixed(1).padStart(7)} s  ${line}`)
  }

  /** Takes down what must not be, once. */
  find(finding: Finding): void {
    if (this.findings.some(({ kind, what }) => kind === finding.kind && what === finding.what)) return
    this.findings.push(finding)
    this.note(`!! ${finding.kind}: ${finding.what}`)
  }

  picture(imageId: string): Picture {
    const picture = this.pictures.get(imageId)
    if (!picture) throw new Error(`${this.name} has no ${imageId}`)
    return picture
  }

  issue(imageId: string, collection: CollectionName, code: number): Picture {
    const picture: Picture = {
      imageId,
      collection,
      code,
      frames: new Map(),
      asked: [],
      saved: null,
      deletion: 'none',
      alt: new Register(''),
      ghostsUntil: 0,
    }
    this.pictures.set(imageId, picture)
    return picture
  }

  askSave(picture: Picture, choice: SaveChoice): void {
    picture.asked.push(choice)
    this.current[picture.collection].ask(picture.imageId)
  }

  /**
   * A save is answered.
   * @param lost how many of its tries were not
   * @param hasSeen whether it said which head it saw: then a late try of it cannot become current over a newer one
   */
  tellSaved(
    picture: Picture,
    answer: SaveChoice & { isCurrent: boolean },
    { lost, hasSeen, now }: { lost: number; hasSeen: boolean; now: number },
  ): void {
    const current = this.current[picture.collection]
    picture.saved = { cropId: answer.cropId, keepsOriginal: answer.keepsOriginal }
    if (answer.isCurrent) current.tell(picture.imageId, now)
    else current.tellNothing(picture.imageId)
    if (lost > 0 && !hasSeen) current.fear(picture.imageId, now + ghostMs)
    this.#haunt(picture, lost, now)
  }

  askDeletion(picture: Picture): void {
    picture.deletion = 'asked'
    const current = this.current[picture.collection]
    if (current.accepts(picture.imageId)) current.ask(null)
  }

  tellDeleted(picture: Picture, now: number): void {
    picture.deletion = 'told'
    const current = this.current[picture.collection]
    current.replace(picture.imageId, null)
    current.tellNothing(null)
    if (current.told === null) current.tell(null, now)
  }

  askCurrent(collection: CollectionName, imageId: string | null): void {
    this.current[collection].ask(imageId)
  }

  tellCurrent(collection: CollectionName, imageId: string | null, lost: number, now: number): void {
    this.current[collection].tell(imageId, now)
    if (lost > 0) this.current[collection].fear(imageId, now + ghostMs)
    if (imageId !== null) this.#haunt(this.picture(imageId), lost, now)
  }

  tellAlt(picture: Picture, alt: string, lost: number, now: number): void {
    picture.alt.tell(alt, now)
    if (lost > 0) picture.alt.fear(alt, now + ghostMs)
    this.#haunt(picture, lost, now)
  }

  /** The pictures of a collection that were told to be saved, and not to be deleted. */
  standing(collection: CollectionName): Picture[] {
    return [...this.pictures.values()].filter(
      (picture) => picture.collection === collection && picture.saved && picture.deletion === 'none',
    )
  }

  #haunt(picture: Picture, lost: number, now: number): void {
    if (lost > 0) picture.ghostsUntil = Math.max(picture.ghostsUntil, now + ghostMs)
  }
}

/** Everybody. */
export class Ledger {
  readonly accounts: Account[] = []
  readonly beganAt = Date.now()

  open(uid: string, cookie: string): Account {
    const account = new Account(`person ${this.accounts.length + 1}`, uid, cookie, this.beganAt)
    this.accounts.push(account)
    return account
  }

  count(kind: Finding['kind']): number {
    return this.accounts.reduce((sum, { findings }) => sum + findings.filter((one) => one.kind === kind).length, 0)
  }
}
