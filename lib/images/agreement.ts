import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { listAllObjects, putObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { readEntries } from './entries'
import { keys } from './keys'
import { isSameSave, type SaveName } from './trail'

/**
 * Which of the saves of an image stands: all tries of all of them agree, however many, however slow, wherever they are
 * killed, and on a store that can only put and list. docs/decisions/006 tells why it holds.
 *
 * Rounds of "adopt-commit" (J. Aspnes, "A modular approach to shared-memory consensus", 2010). In a round each says what
 * it is for, and looks. Who meets nothing else proposes: its entry stands then; and if nobody has complained by then,
 * that is agreed. Who meets something else complains first, and then joins what is proposed, if anything is, in the
 * next round. What is written in a round is never taken back.
 *
 * Each look tells of a deletion, too: one before anything is proposed, and one after it (contract, rule 5).
 *
 * @param own what this try is for; `joinAgreement` was called with it, as early as it likes
 * @param propose writes the entry of that. May be called more than once
 * @returns what is agreed, whose entry stands unless the image is deleted later; 'deleted' when it was deleted before,
 * and what was written is to be taken back; null when others were in between each time
 */
export async function agree(
  image: Addressed,
  own: SaveName,
  propose: () => Promise<void>,
): Promise<SaveName | 'deleted' | null> {
  let value = own
  let round = 0
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { isDeleted, votes } = await look(image)
    if (isDeleted) return 'deleted'
    const latest = Math.max(...votes.map((vote) => vote.round), round)
    if (latest > round) {
      // Nothing can have been agreed in a round that somebody has left, unless its entry stood by then.
      round = latest
      value = (await standingOf(image, of(votes, round, 'for'), own)) ?? own
    } else if (of(votes, round, 'for').every((save) => isSameSave(save, value))) {
      if (isSameSave(value, own)) await propose()
      if (round > 0) await put(image, keys.proposal(image.uid, image.imageId, round, value))
      const then = await look(image)
      if (then.isDeleted) return 'deleted'
      if (!then.votes.some((vote) => vote.round === round && vote.kind === 'contested')) return value
      round += 1
    } else {
      await put(image, keys.contested(image.uid, image.imageId, round))
      // In the first round the entry itself is the proposal.
      const proposed = round === 0 ? await readEntries(image) : of((await look(image)).votes, round, 'proposed')
      if (proposed[0] && !proposed.some((save) => isSameSave(save, value))) value = nameOf(image, proposed[0])
      round += 1
      // One of those who met shall be through before the other comes.
      await sleep(Math.random() * 200 * 2 ** attempt)
    }
    await put(image, keys.vote(image.uid, image.imageId, round, value))
  }
  return null
}

const maxAttempts = 6

/** Says what a try is for, in the first round. */
export function joinAgreement(image: Addressed, own: SaveName): Promise<void> {
  return put(image, keys.vote(image.uid, image.imageId, 0, own))
}

interface Vote {
  round: number
  kind: 'for' | 'proposed' | 'contested'
  /** Null: contested. */
  save: SaveName | null
}

/** Whether the image was deleted, and how its saves have voted: in one listing. */
async function look(image: Addressed): Promise<{ isDeleted: boolean; votes: Vote[] }> {
  const { uid, imageId, bucket } = image
  const startAfter = keys.beforeTombstone(uid, imageId)
  const objects = await listAllObjects(bucket, keys.draft(uid, imageId), { startAfter })
  const prefix = keys.votes(uid, imageId)
  const votes = objects.flatMap(({ key }) => (key.startsWith(prefix) ? [voteOf(image, key.slice(prefix.length))] : []))
  return { isDeleted: objects.some(({ key }) => key === keys.tombstone(uid, imageId)), votes }
}

function voteOf(image: Addressed, name: string): Vote {
  const [round, kind, cropId, letters] = name.split('.')
  const save = cropId ? nameOf(image, { cropId, keepsOriginal: letters === undefined }) : null
  return { round: Number(round), kind: kind as Vote['kind'], save }
}

function of(votes: Vote[], round: number, kind: Vote['kind']): SaveName[] {
  return votes.flatMap((vote) => (vote.round === round && vote.kind === kind && vote.save ? [vote.save] : []))
}

/** Of these saves one whose entry stands; `own`, if it is among them. */
async function standingOf(image: Addressed, saves: SaveName[], own: SaveName): Promise<SaveName | undefined> {
  const entries = await readEntries(image)
  const standing = saves.filter((save) => entries.some((entry) => isSameSave(entry, save)))
  return standing.find((save) => isSameSave(save, own)) ?? standing[0]
}

const nameOf = ({ imageId }: Addressed, { cropId, keepsOriginal }: Omit<SaveName, 'imageId'>): SaveName => ({
  imageId,
  cropId,
  keepsOriginal,
})

/** An object that says all by its name. */
const put = (image: Addressed, key: string) =>
  putObject(image.bucket, key, '', { contentType: 'application/octet-stream' })
