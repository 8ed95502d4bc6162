import { imageIdOf } from '@/lib/images/storage/ids'
import { type Credentials, guestCredentials } from './credentials'
import { type CollectionName, type CropFrame, collectionNames } from './pictures'
import { Register } from './register'

/**
 * The requests of each person and the acknowledged results. The audit checks the store against it. A request without a
 * response may have run or not: both outcomes are right.
 */

/**
 * How long a try without a response may still run, in milliseconds: a host that was frozen continues with its whole
 * deadline for the store.
 */
const lateMs = 120_000

/** One uploaded file. */
export interface Upload {
  uploadId: string
  collection: CollectionName
  /** Identifies the picture: see pictures.ts. */
  code: number
  /** The acknowledged crops, by cropId. */
  frames: Map<string, CropFrame>
  /** Whether a save without the original was sent. The source may be gone from then on. */
  mayLackSource: boolean
  /** From the response to the first save. */
  savedAt: string | null
}

/** Distinguishes the images of one upload. */
export interface SaveChoice {
  cropId: string
  keepsOriginal: boolean
}

/** A crop with a save that was acknowledged or may have run. */
export interface Image extends SaveChoice {
  imageId: string
  upload: Upload
  /** The head of the trail that the save sent; undefined: none. */
  seen: string | null | undefined
  /** Whether a save was acknowledged, or a page showed the image. */
  isSaved: boolean
  /** Whether a save was acknowledged: any necessary trail item then exists. */
  isAcknowledged: boolean
  /** `requested`: the deletion was not acknowledged, and may have run or not. */
  deletion: 'none' | 'requested' | 'confirmed'
  alt: Register<string>
}

/** A violation of an acknowledged result. */
export interface Finding {
  kind: 'lost' | 'wrong' | 'stuck' | 'orphan'
  what: string
}

/** The requests of one person and their acknowledged results. */
export class Account {
  readonly uploads = new Map<string, Upload>()
  readonly images = new Map<string, Image>()
  readonly current = Object.fromEntries(
    collectionNames.map((name) => [name, new Register<string | null>(null)]),
  ) as Record<CollectionName, Register<string | null>>
  readonly history: string[] = []
  readonly findings: Finding[] = []

  constructor(
    readonly name: string,
    readonly uid: string,
    readonly credentials: Credentials,
    private readonly beganAt: number,
  ) {}

  log(line: string): void {
    this.history.push(`${((Date.now() - this.beganAt) / 1000).toFixed(1).padStart(7)} s  ${line}`)
  }

  /** Records a violation, once. */
  addFinding(kind: Finding['kind'], what: string): void {
    if (this.findings.some((finding) => finding.kind === kind && finding.what === what)) return
    this.findings.push({ kind, what })
    this.log(`!! ${kind}: ${what}`)
  }

  issue(uploadId: string, collection: CollectionName, code: number): Upload {
    const upload = { uploadId, collection, code, frames: new Map(), mayLackSource: false, savedAt: null }
    this.uploads.set(uploadId, upload)
    return upload
  }

  /** Records a save that is sent. The image's id follows from the choice, so a repeat is the same image. */
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
   * Records an acknowledged save. Lost tries cannot move the head any more, as the trail has an item of this image.
   * @param isCurrent `current` of the response
   */
  confirmSave(image: Image, isCurrent: boolean, now: number): void {
    const current = this.current[image.upload.collection]
    image.isSaved = true
    image.isAcknowledged = true
    if (isCurrent) current.confirm(image.imageId, now)
    else current.confirmUnchanged(image.imageId)
  }

  /**
   * Records acknowledged concurrent saves. Each one that became current may be the head. Another one may become the head
   * by a lost try that read the trail before the other save.
   */
  confirmRace(saves: readonly { image: Image; isCurrent: boolean; lost: number }[], now: number): void {
    for (const { image, isCurrent } of saves) this.confirmSave(image, isCurrent, now)
    for (const { image, isCurrent, lost } of saves) {
      const current = this.current[image.upload.collection]
      if (isCurrent) current.allow(image.imageId, now)
      if (lost > 0) current.allow(image.imageId, now + lateMs)
    }
  }

  /** Records a rejected save. A lost try of it may still commit. */
  rejectSave({ imageId, upload, deletion }: Image, lost: number, now: number): void {
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

  /** Records a deletion that is reported as failed. It may still run. */
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

  /** Returns the saved images of a collection that are not deleted. */
  saved(collection: CollectionName): Image[] {
    return [...this.images.values()].filter(
      (image) => image.upload.collection === collection && image.isSaved && image.deletion === 'none',
    )
  }

  /** Returns the images of a collection whose deletion was acknowledged. */
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

  /** @param uid empty if it is not known */
  open(uid: string, credentials = guestCredentials('')): Account {
    const account = new Account(`person ${this.accounts.length + 1}`, uid, credentials, this.beganAt)
    this.accounts.push(account)
    return account
  }

  count(kind: Finding['kind']): number {
    return this.accounts.reduce(
      (sum, { findings }) => sum + findings.filter((finding) => finding.kind === kind).length,
      0,
    )
  }
}
