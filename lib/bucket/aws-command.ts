import 'server-only'
import type { StoreEnv } from '@/lib/env'

/**
 * Returns a line for a shell that changes a bucket by the AWS CLI.
 * @param change a subcommand of `aws s3api` and the option for the value: `put-bucket-policy --policy`
 */
export function awsCommand(env: StoreEnv, bucket: string, change: string, value: object): string {
  const [subcommand, option] = change.split(' ')
  const address = env.endpoint ? `--endpoint-url ${env.endpoint}` : `--region ${env.region}`
  const quoted = `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`
  return `aws s3api ${subcommand} --bucket ${bucket} ${address} ${option} ${quoted}`
}
