import { startStore } from './server'

/** Runs the store as a process. Reads its configuration from the `STORE_*` variables. */
async function main(): Promise<void> {
  const store = await startStore({
    port: readNumber('STORE_PORT'),
    directory: readText('STORE_DIRECTORY'),
    region: readText('STORE_REGION'),
    accessKeyId: readText('STORE_ACCESS_KEY_ID'),
    secretAccessKey: readText('STORE_SECRET_ACCESS_KEY'),
    ...(process.env.STORE_ADDRESS && { address: process.env.STORE_ADDRESS }),
    ...(process.env.STORE_LIFECYCLE_DAY_SECONDS && { lifecycleDaySeconds: readNumber('STORE_LIFECYCLE_DAY_SECONDS') }),
    log: (line) => console.error(line),
  })
  const stop = () => {
    store.close().then(() => process.exit(0), fail)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.once('disconnect', stop)
  console.log(`S3 store (development only) listening on ${store.endpoint}, objects in ${process.env.STORE_DIRECTORY}`)
  process.send?.({ ready: store.endpoint })
}

function readText(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set. See tools/s3-store/README.md.`)
  return value
}

function readNumber(name: string): number {
  const value = Number(readText(name))
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number, not "${process.env[name]}".`)
  return value
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

main().catch(fail)
