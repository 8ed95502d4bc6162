import { imageIdOf } from '@/lib/images/storage/ids'
import { type CollectionName, type CropFrame, collectionNames } from './pictures'
import { Register } from './register'

/**
 * What each person did and what was acknowledged to them. The store is checked against it. A request without an answer
 * may have been done or not: either is right.
 */

/**
 * How long a try without an answer may still be running, in milliseconds: on a host that was frozen and goes on, with
 * its whole deadline for the store left.
 */
const lateMs = 120_000

/** One file that was sent. */
export interface Upload {
  uploadId: string
  collection: CollectionName
  /** Which picture it shows: see pictures.ts. */
  code: number
  /** The crops that were answered, by cropId. */
  frames: Map<string, CropFrame>
  /** Whether a save without the original was sent. From then on the source may be gone. */
  mayLackSource: boolean
  /** As the first save answered it. */
  savedAt: string | null
}

/** What distinguishes the images of one upload. */
export interface SaveChoice {
  cropId: string
  keepsOriginal: boolean
}

/** A crop that was saved, or may have been. */
export interface Image extends SaveChoice {
  imageId: string
  upload: Upload
  /** The head of the trail that its save sent; undefined: none. */
  seen: string | null | undefined
  /** Whether a save was acknowledged, or the image was seen. */
  isSaved: boolean
  /** Whether a save was acknowledged: then the trail item is written, too, if it had to be. */
  isAcknowledged: boolean
  /** `requested`: the deletion was not acknowledged. It may be done or not. */
  deletion: 'none' | 'requested' | 'confirmed'
  alt: Register<string>
}

/** A violation of what was acknowledged. */
export interface CheckResult {
  kind: 'lost' | 'wrong' | 'stuck' | 'orphan'
  what: string
}

/** One person: what they did, and what was acknowledged. */
export class Account {
  readonly uploads = new Map<string, Upload>()
  readonly images = new Map<string, Image>()
  readonly current = Object.fromEntries(
    collectionNames.map((name) => [name, new Register<string | null>(null)]),
  ) as Record<CollectionName, Register<string | null>>
  readonly history: string[] = []
  readonly findings: CheckResult[] = []

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

  /** Records a violation, once. */
  find(finding: CheckResult): void {
    if (this.findings.some(({ kind, what }) => kind === finding.kind && what === finding.what)) return
    this.findings.push(finding)
    this.note(`!! ${finding.kind}: ${finding.what}`)
  }

  issue(uploadId: string, collection: CollectionName, code: number): Upload {
    const upload = { uploadId, collection, code, frames: new Map(), mayLackSource: false, savedAt: null }
    this.uploads.set(uploadId, upload)
    return upload
  }

  /** A save is sent. The image's id follows from the choice: a repeat is the same image. */
  requestSave(upload: Upload, choice: SaveChoice, seen?: string | null): Image {
    const { cropId, keepsOriginal } = choice
    const imageId = imageIdOf(this.uid, upload.uploadId, cropId, keepsOriginal)
    const image: Image = this.images.get(imageId) ?? {
      ...{ imageId, upload, cropId, keepsOriginal, seen },
      isSaved: false,
      isAcknowledged: false,
      deletion: 'none',
      alt: new Register(''),
    }
    this.images.set(imageId, image)
    if (!keepsOriginal) upload.mayLackSource = true
    if (image.deletion !== 'confirmed') this.current[upload.collection].request(imageId)
    return image
  }

  /**
   * A save is answered. A try without an answer cannot move the head any more: the trail has an item of this image.
   * @param isCurrent as the answer says
   */
  confirmSave(image: Image, isCurrent: boolean, now: number): void {
    const current = this.current[image.upload.collection]
    image.isSaved = true
    image.isAcknowledged = true
    if (isCurrent) current.confirm(image.imageId, now)
    else current.confirmUnchanged(image.imageId)
  }

  /**
   * Saves that ran side by side are answered. Any of those that became current may be the head. One that did not may
   * become it by a try without an answer that has read the trail before the other save.
   */
  confirmRace(answers: readonly { image: Image; isCurrent: boolean; lost: number }[], now: number): void {
    for (const { image, isCurrent } of answers) this.confirmSave(image, isCurrent, now)
    for (const { image, isCurrent, lost } of answers) {
      const current = this.current[image.upload.collection]
      if (isCurrent) current.allow(image.imageId, now)
      if (lost > 0) current.allow(image.imageId, now + lateMs)
    }
  }

  /** A save is refused. An earlier try of it, without an answer, may still commit. */
  refuseSave({ imageId, upload, deletion }: Image, lost: number, now: number): void {
    const current = this.current[upload.collection]
    current.confirmUnchanged(imageId)
    if (lost > 0 && deletion !== 'confirmed') current.allow(imageId, now + lateMs)
  }

  requestDeletion(image: Image): void {
    image.deletion = 'requested'
    const current = this.current[image.upload.collection]
    if (current.accepts(image.imageId)) current.request(null)
  }

  confirmDeletion(image: Image, now: number): void {
    image.deletion = 'confirmed'
    const current = this.current[image.upload.collection]
    current.replace(image.imageId, null)
    current.confirmUnchanged(null)
    if (current.known === null) current.confirm(null, now)
  }

  /** A deletion is reported as failed: it may be done, now or later. */
  failDeletion({ imageId, upload }: Image, now: number): void {
    const current = this.current[upload.collection]
    current.confirmUnchanged(null)
    if (current.accepts(imageId)) current.allow(null, now + lateMs)
  }

  requestCurrent(collection: CollectionName, imageId: string | null): void {
    this.current[collection].request(imageId)
  }

  confirmCurrent(collection: CollectionName, imageId: string | null, lost: number, now: number): void {
    this.current[collection].confirm(imageId, now)
    if (lost > 0) this.current[collection].allow(imageId, now + lateMs)
  }

  confirmAlt({ alt }: Image, text: string, lost: number, now: number): void {
    alt.confirm(text, now)
    if (lost > 0) alt.allow(text, now + lateMs)
  }

  /** The images of a collection that are saved, and not deleted. */
  saved(collection: CollectionName): Image[] {
    return [...this.images.values()].filter(
      (image) => image.upload.collection === collection && image.isSaved && image.deletion === 'none',
    )
  }

  /** The images of a collection whose deletion was acknowledged. */
  deleted(collection: CollectionName): Image[] {
    return [...this.images.values()].filter(
      (image) => image.upload.collection === collection && image.deletion === 'confirmed',
    )
  }
}

/** All people of a run. */
export class Ledger {
  readonly accounts: Account[] = []
  readonly beganAt = Date.now()

  open(uid: string, cookie: string): Account {
    const account = new Account(`person ${this.accounts.length + 1}`, uid, cookie, this.beganAt)
    this.accounts.push(account)
    return account
  }

  count(kind: CheckResult['kind']): number {
    return this.accounts.reduce((sum, { findings }) => sum + findings.filter((one) => one.kind === kind).length, 0)
  }
}
