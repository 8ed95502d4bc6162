import 'server-only'
import { env } from '@/lib/env'
import { fingerprint, type Marks, parseFingerprint, secretName } from '@/lib/host/fingerprint'
import type { Finding } from './finding'

const timeoutMs = 8_000

/** A host, or the environment of this command, with its fingerprint. */
interface Participant {
  name: string
  /** Undefined for the environment of this command. */
  build?: string
  /** One set per session secret, newest first. */
  sets: Marks[]
}

/**
 * Compares the builds, the session secrets and the configuration of hosts by `/readyz`, with each other and with the
 * environment of this command.
 * @param urls addresses of single hosts, not of a balancer
 */
export async function checkHosts(urls: string[]): Promise<Finding[]> {
  if (urls.length === 0) return []
  const answers = await Promise.all(urls.map(readHost))
  const unknown = answers.filter((answer): answer is Finding => 'verdict' in answer)
  const hosts = answers.filter((answer): answer is Participant => 'sets' in answer)
  const own = { name: 'this environment', sets: fingerprint(env()) }
  const problems = [
    ...unknown,
    ...compareSecrets([own, ...hosts]),
    ...compareValues(own, hosts),
    ...compareBuilds(hosts),
  ]
  if (problems.length > 0) return problems
  return [
    finding('ok', `${hosts.length} hosts have the same build, and the secrets and configuration of this environment.`),
  ]
}

function finding(verdict: Finding['verdict'], message: string, fix?: string): Finding {
  return { verdict, check: 'hosts', message, ...(fix && { fix }) }
}

async function readHost(url: string): Promise<Participant | Finding> {
  try {
    const { headers } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' })
    const [build, configuration] = [headers.get('x-build'), headers.get('x-configuration')]
    if (build && configuration) return { name: url, build, sets: parseFingerprint(configuration) }
    return finding('failed', `${url}/readyz has no fingerprint.`, 'Correct the URL, or update the host.')
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    const message = `${url} does not answer (${cause?.code ?? (error as Error).name}).`
    return finding(
      'failed',
      message,
      'Start the host, or correct the URL: each host has its own, without the balancer.',
    )
  }
}

/** Each participant has to accept what every other one seals. Their lists may differ during a rotation. */
function compareSecrets(all: Participant[]): Finding[] {
  const accepts = ({ sets }: Participant, secret: string | undefined) => sets.some((set) => set[secretName] === secret)
  const refusals = all.flatMap((one) => {
    const refusing = all.filter((other) => !accepts(other, one.sets[0]?.[secretName])).map(({ name }) => name)
    return refusing.length > 0 ? [`${refusing.join(', ')} refuses sessions of ${one.name}`] : []
  })
  if (refusals.length > 0) {
    return [
      finding(
        'failed',
        `People are signed out, because SESSION_SECRETS differ: ${refusals.join('; ')}.`,
        'Set the same SESSION_SECRETS everywhere. Change them in the three steps of docs/deploy.md, one on all hosts at a time.',
      ),
    ]
  }
  const lists = new Set(all.map(({ sets }) => sets.map((set) => set[secretName]).join(' ')))
  if (lists.size === 1) return []
  return [
    finding(
      'warning',
      'SESSION_SECRETS are being rotated: all hosts accept all sessions, and their lists differ.',
      'Finish the step on all hosts.',
    ),
  ]
}

/** Compares the sets of a secret that both have. Without one, the values cannot be compared. */
function compareValues(own: Participant, hosts: Participant[]): Finding[] {
  return hosts.flatMap((host) => {
    for (const expected of own.sets) {
      const actual = host.sets.find((set) => set[secretName] === expected[secretName])
      if (!actual) continue
      // Another build may have other variables.
      const names = Object.keys(expected).filter((name) => name in actual && actual[name] !== expected[name])
      if (names.length === 0) return []
      const message = `${host.name} has another ${names.join(', ')} than this environment.`
      return [finding('failed', message, 'Give all hosts the same values, and run this command with them.')]
    }
    return [finding('unchecked', `The configuration of ${host.name} cannot be compared without a common secret.`)]
  })
}

function compareBuilds(hosts: Participant[]): Finding[] {
  const builds = Map.groupBy(hosts, ({ build }) => build)
  if (builds.size <= 1) return []
  const texts = Array.from(builds, ([build, members]) => `${build} (${members.map(({ name }) => name).join(', ')})`)
  const fix = 'Finish the update: copy the same artefact to all hosts.'
  return [finding('warning', `The hosts run different builds: ${texts.join(', ')}.`, fix)]
}
