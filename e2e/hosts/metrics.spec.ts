import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import sharp from 'sharp'
import { removeState } from '@/e2e/state'
import { startStack } from '@/tools/stack/stack'
import { ApiClient } from '@/tools/testing/api-client'
import { findFreePorts } from '@/tools/testing/ports'

// May include a build.
test.setTimeout(900_000)

/** Returns the values of all series, by name with labels, in the text format of Prometheus. */
function parseMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('S35: /metrics counts every step of a journey, and names no person', async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'metrics-'))
  const [port, storePort, metricsPort] = (await findFreePorts(3, [])) as [number, number, number]
  const env = { METRICS_PORT: String(metricsPort), HOSTNAME: '127.0.0.1' }
  const stack = await startStack({ store: 'bundled', stateDirectory, port, storePort, hosts: 1, env, log: () => {} })
  try {
    const person = await ApiClient.signIn({ origin: stack.origin })
    const buffer = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer()
    const uploadId = await person.upload({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer })
    expect((await person.send('GET', `/crop/${uploadId}`)).status).toBe(200)
    await person.crop({ uploadId, area: { x: 0, y: 0, width: 400, height: 400 } })
    const { cropId } = await person.crop({ uploadId, area: { x: 0, y: 0, width: 300, height: 300 } })
    const { imageId } = await person.save({ uploadId, cropId })
    await person.save({ uploadId, cropId })
    await person.gallery()
    const svg = { collection: 'avatars', contentType: 'image/svg+xml', size: 100 }
    expect((await person.send('POST', '/api/uploads', svg)).status).toBe(415)

    const scrape = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
    expect(scrape.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await scrape.text()
    const metrics = parseMetrics(text)

    const steps = (step: string, outcome: string, collection = 'avatars') =>
      metrics.get(`anyhost_step_seconds_count{step="${step}",outcome="${outcome}",collection="${collection}"}`)
    expect(steps('startUpload', 'ok')).toBe(1)
    expect(steps('startUpload', 'unsupported_type')).toBe(1)
    expect(steps('crop', 'ok')).toBe(2)
    expect(steps('saveImage', 'ok')).toBe(2)

    const stages = ['issued', 'sent', 'cropped', 'saved'].map((stage) =>
      metrics.get(`anyhost_uploads_total{stage="${stage}",collection="avatars"}`),
    )
    expect(stages).toEqual([1, 1, 1, 1])

    const requests = (operation: string, status: number) =>
      metrics.get(`anyhost_store_request_seconds_count{operation="${operation}",status="${status}"}`) ?? 0
    expect(requests('CopyObject', 200)).toBeGreaterThanOrEqual(5)
    expect(requests('PutObject', 200)).toBeGreaterThanOrEqual(10)
    expect(requests('ListObjectsV2', 200)).toBeGreaterThan(0)
    expect(metrics.get('anyhost_store_bytes_total{direction="received"}')).toBeGreaterThan(buffer.length)
    expect(metrics.get('anyhost_store_bytes_total{direction="sent"}')).toBeGreaterThan(1000)

    expect(metrics.get('anyhost_crops{state="running"}')).toBe(0)
    expect(metrics.get('anyhost_crops{state="waiting"}')).toBe(0)
    expect(metrics.get('anyhost_ready')).toBe(1)
    expect(metrics.get('anyhost_self_check{check="policy",bucket="anyhost",verdict="ok"}')).toBe(1)
    expect(text).toMatch(/^anyhost_build_info\{build="[\w-]+",node="v\d+\.\d+\.\d+"\} 1$/m)

    const { user } = await person.call<{ user: { id: string } }>(200, 'GET', '/api/session')
    for (const secret of [uploadId, cropId, imageId, user.id]) expect(text).not.toContain(secret)

    // The port of the site serves none.
    expect((await person.send('GET', '/metrics')).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${metricsPort}/`)).status).toBe(404)
  } finally {
    await stack.close()
    await removeState(stateDirectory)
  }
})
