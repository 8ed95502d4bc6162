import 'server-only'
import type { CheckResult } from '@/lib/s3/checks/check-result'

/** One line of a report about a bucket or the configuration, for the person who deploys the app. */
export interface Finding {
  /** `planned` and `changed` are settings of `create`; `unchecked` is what these credentials or this store cannot show. */
  verdict: CheckResult['verdict'] | 'planned' | 'changed'
  /** What was looked at: `cors`, `lifecycle`. */
  check: string
  /** Missing if the finding is about no single bucket. */
  bucket?: string
  /** What happened to what, in one sentence. */
  message: string
  /** What to do: a sentence, a command, or JSON in one line. */
  fix?: string
}

/** Formats each finding as one line: verdict, bucket, check, message, fix. */
export function formatFindings(findings: Finding[]): string {
  const bucketWidth = Math.max(0, ...findings.map(({ bucket }) => bucket?.length ?? 0))
  const checkWidth = Math.max(0, ...findings.map(({ check }) => check.length))
  return findings
    .map(({ verdict, check, bucket = '', message, fix }) => {
      const columns = [verdict.padEnd('unchecked'.length), bucket.padEnd(bucketWidth), check.padEnd(checkWidth)]
      return `${[...columns, oneLine(message)].join('  ')}${fix ? ` Fix: ${oneLine(fix)}` : ''}\n`
    })
    .join('')
}

/** Formats the findings as one JSON array. */
export function formatAsJson(findings: Finding[]): string {
  return `${JSON.stringify(findings, null, 2)}\n`
}

/** Whether the command ends with exit code 1. Warnings do not count: a host starts with them. */
export function hasFailed(findings: Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'failed')
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}
