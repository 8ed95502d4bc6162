import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '@/lib/log'
import { listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import { collections } from './collections'

/** How long an answer of the store is believed, and how long one is waited for, in milliseconds. */
const believedMs = 5_000
const patienceMs = 3_000

let asked: { at: number; answer: Promise<boolean> } | undefined
let wasAnswering = true

/**
 * Whether every bucket answers this host, with its credentials: what `/readyz` tells a balancer. However often it is
 * called, the store is asked every few seconds at most, and it is not waited for longer than those.
 */
export async function isStoreAnswering(): Promise<boolean> {
  if (!asked || performance.now() - asked.at > believedMs) {
    const answer = askAll()
    asked = { at: performance.now(), answer }
  }
  const isAnswering = await Promise.race([asked.answer, sleep(patienceMs, false, { ref: false })])
  if (isAnswering !== wasAnswering) {
    wasAnswering = isAnswering
    if (isAnswering) log().info('the store answers again')
    else log().error('the store does not answer: this host is not ready')
  }
  return isAnswering
}

async function askAll(): Promise<boolean> {
  try {
    // A listing by prefix: a right that the app needs anyway.
    await Promise.all(collections.map((collection) => listObjects(bucketOf(collection), 'incoming/', 1)))
    return true
  } catch (error) {
    if (wasAnswering) log().error({ err: error }, 'the store refused or failed')
    return false
  }
}
