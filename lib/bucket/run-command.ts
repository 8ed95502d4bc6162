import 'server-only'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { ConfigurationError, readStoreEnv } from '@/lib/env'
import { StoreUnreachable } from '@/lib/s3/checks/check-result'
import { runCreate } from './create'
import { runDoctor } from './doctor'
import { type Finding, formatAsJson, formatFindings, hasFailed } from './finding'
import { applyPolicy, type PolicyOptions, printPolicy } from './policy'
import { UsageError } from './usage-error'

const usage = `Usage: npm run bucket -- COMMAND [options]     in a checkout
       node bucket.js COMMAND [options]         in the artefact

Reads the environment of a host, and the AWS credentials of the person who runs it.

  create       creates the bucket of each collection and sets what the app needs: no public access, no ACLs, CORS,
               lifecycle. Prints its plan first. Keeps objects, and the rules of others
    --dry-run  stops after the plan
  policy       prints the least rights of the hosts
    --as FORM  iam (default), radosgw (the bucket policy of Ceph, with --user NAME), words (for the tokens of R2, B2 and
               Garage), public (the bucket policy for public variants), or cloudfront (the same for a distribution, with
               --distribution ARN)
    --apply    sets a bucket policy on its buckets, and keeps the statements of others
  doctor       checks every bucket as a starting host does, and the distance of the store
    --hosts URL,URL  compares the build, the secrets and the configuration of these hosts

  --json       print the findings as JSON
  -h, --help   show this help

Exit code: 0 if nothing failed, 1 if something did, 2 for a wrong command line or configuration.
`

interface Command {
  options: ParseArgsOptionsConfig
  /**
   * @param show prints findings before the last ones; does nothing with `--json`
   * @returns findings, or text to print
   */
  run(options: Record<string, unknown>, show: (title: string, findings: Finding[]) => void): Promise<Finding[] | string>
}

const commands: Record<string, Command> = {
  create: {
    options: { 'dry-run': { type: 'boolean' } },
    run: (options, show) =>
      runCreate(readStoreEnv(), {
        isDryRun: options['dry-run'] === true,
        showPlan: (plan) => show('Plan', plan),
      }),
  },
  policy: {
    options: {
      as: { type: 'string' },
      user: { type: 'string' },
      distribution: { type: 'string' },
      apply: { type: 'boolean' },
    },
    async run({ as = 'iam', apply, json, ...options }) {
      const policyOptions = { ...options, as, isJson: json === true } as PolicyOptions
      return apply ? applyPolicy(readStoreEnv(), policyOptions) : printPolicy(readStoreEnv(), policyOptions)
    },
  },
  doctor: { options: { hosts: { type: 'string' } }, run: ({ hosts = '' }) => runDoctor(parseUrls(hosts as string)) },
}

const commonOptions = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

/** Where a command prints. */
export interface Output {
  print(text: string): void
  printError(text: string): void
}

/**
 * Runs one command line, such as `['doctor', '--json']`.
 * @returns the exit code
 */
export async function runCommand(args: string[], { print, printError }: Output): Promise<0 | 1 | 2> {
  try {
    const [name = '', ...rest] = args
    if (['', '-h', '--help'].includes(name)) {
      print(usage)
      return name ? 0 : 2
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command) throw new UsageError(`Unknown command: ${name}.`)
    const values = parse(rest, command.options)
    if (values.help) {
      print(usage)
      return 0
    }
    const show = (title: string, findings: Finding[]) => {
      if (!values.json) print(`${title}:\n${formatFindings(findings)}\nResult:\n`)
    }
    const findings = await command.run(values, show)
    if (typeof findings === 'string') {
      print(findings)
      return 0
    }
    print(values.json ? formatAsJson(findings) : formatFindings(findings))
    return hasFailed(findings) ? 1 : 0
  } catch (error) {
    if (error instanceof UsageError) printError(`${error.message}\n\n${usage}`)
    else if (error instanceof ConfigurationError) printError(`${error.message}\n`)
    else if (error instanceof StoreUnreachable) {
      printError(`${[error.message, causeOf(error)].join(': ')}\n`)
      return 1
    } else throw error
    return 2
  }
}

/** Parses comma-separated URLs of hosts. Removes slashes at their ends. */
function parseUrls(list: string): string[] {
  const urls = list.split(',').flatMap((url) => url.trim().replace(/\/+$/, '') || [])
  const wrong = urls.find((url) => !/^https?:/.test(url) || !URL.canParse(url))
  if (wrong) throw new UsageError(`Invalid URL in --hosts: ${wrong}. Use http://10.0.0.1:3000,http://10.0.0.2:3000.`)
  return urls
}

function parse(args: string[], options: ParseArgsOptionsConfig): Record<string, unknown> {
  try {
    return parseArgs({ args, options: { ...options, ...commonOptions } }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(error.message)
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : 'no cause is known'
}
