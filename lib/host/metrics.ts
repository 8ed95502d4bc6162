import 'server-only'
import { subscribe } from 'node:diagnostics_channel'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { cropLimiter } from '@/lib/images/crop-limiter'
import { type StageReached, uploadStages } from '@/lib/images/upload-stages'
import { type StoreRequest, storeRequests } from '@/lib/s3/request-events'
import { buildId } from './build-id'
import { lastChecks, readiness } from './readiness'
import { type StepRecord, stepRecords } from './record-step'

/**
 * Starts to count what this host does. docs/deploy.md lists the metrics. Labels have few values and no personal data
 * (security S35).
 * @returns the registry, whose `metrics()` is the text for Prometheus
 */
export function collectMetrics(): Registry {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  countSteps(registers)
  countStages(registers)
  countStoreRequests(registers)

  new Gauge({
    name: 'anyhost_crops',
    help: 'Crops on this host now, by state: running or waiting.',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, waiting } = cropLimiter().counts()
      this.set({ state: 'running' }, running)
      this.set({ state: 'waiting' }, waiting)
    },
  })
  new Gauge({
    name: 'anyhost_ready',
    help: '1 if the host answers "ready" to /readyz, else 0.',
    registers,
    collect() {
      this.set(readiness() === 'ready' ? 1 : 0)
    },
  })
  new Gauge({
    name: 'anyhost_self_check',
    help: 'Always 1. The result of each check of a bucket at the start of the host.',
    labelNames: ['check', 'bucket', 'verdict'],
    registers,
    collect() {
      this.reset()
      for (const { check, bucket, verdict } of lastChecks()) this.set({ check, bucket, verdict }, 1)
    },
  })
  const build = new Gauge({
    name: 'anyhost_build_info',
    help: 'Always 1. The build and the Node version of this host.',
    labelNames: ['build', 'node'],
    registers,
  })
  build.set({ build: buildId(), node: process.version }, 1)
  return registry
}

function countSteps(registers: Registry[]): void {
  const seconds = new Histogram({
    name: 'anyhost_step_seconds',
    help: 'Duration of steps by outcome: ok, disconnected, or the error code. A refused crop is outcome="busy".',
    labelNames: ['step', 'outcome', 'collection'],
    buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
    registers,
  })
  subscribe(stepRecords.name, (message) => {
    const { step, outcome, collection, ms } = message as StepRecord
    seconds.observe({ step, outcome, collection: collection ?? '' }, ms / 1000)
  })
}

function countStages(registers: Registry[]): void {
  const uploads = new Counter({
    name: 'anyhost_uploads_total',
    help: 'Uploads by the stage they reached: issued, sent, cropped, saved.',
    labelNames: ['stage', 'collection'],
    registers,
  })
  subscribe(uploadStages.name, (message) => {
    const { stage, collection } = message as StageReached
    uploads.inc({ stage, collection })
  })
}

function countStoreRequests(registers: Registry[]): void {
  const seconds = new Histogram({
    name: 'anyhost_store_request_seconds',
    help: 'Time to the response of each request to the store. Status "none": no response.',
    labelNames: ['operation', 'status'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers,
  })
  const retries = new Counter({
    name: 'anyhost_store_retries_total',
    help: 'Requests to the store that repeat a failed one.',
    labelNames: ['operation'],
    registers,
  })
  const bytes = new Counter({
    name: 'anyhost_store_bytes_total',
    help: 'Bytes of bodies that this host sent to the store or received from it.',
    labelNames: ['direction'],
    registers,
  })
  subscribe(storeRequests.name, (message) => {
    const { operation, status, isRetry, ...request } = message as StoreRequest
    seconds.observe({ operation, status: status ?? 'none' }, request.seconds)
    if (isRetry) retries.inc({ operation })
    bytes.inc({ direction: 'sent' }, request.sentBytes)
    bytes.inc({ direction: 'received' }, request.receivedBytes)
  })
}
