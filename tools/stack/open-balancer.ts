import { startHaproxy } from '@/tools/haproxy/start-haproxy'
import type { Children } from '@/tools/process/child-process'
import type { Log } from '@/tools/process/progress'
import { type Balancer, startBalancer } from './bundled-balancer'
import type { Environment } from './host-environment'
import type { BalancerKind } from './stack-options'

/** The balancer of a stack, whichever it is. */
export interface StackBalancer extends Pick<Balancer, 'takeOut' | 'takeIn' | 'close'> {
  /** Resolves when the host is in the rotation. */
  whenUp(hostName: string): Promise<void>
  /** Resolves to how it ended by itself, where it is a process of its own. */
  ended: Promise<string>
}

/** What each of them is, for who starts a stack. */
export const balancerDescriptions: Record<BalancerKind, string> = {
  bundled: 'round robin over the hosts, no stickiness',
  haproxy: 'HAProxy with deploy/haproxy.cfg, a process of its own',
}

/** Starts the balancer of this kind. Throws a UserError with a mend where it cannot. */
export async function openBalancer(
  kind: BalancerKind,
  options: {
    port: number
    hosts: readonly { name: string; port: number }[]
    /** HAProxy's variables: limits, for example. */
    env: Environment
    children: Children
    onLine: (line: string, from: 'stdout' | 'stderr') => void
    log: Log
  },
): Promise<StackBalancer> {
  if (kind === 'bundled') {
    const balancer = await startBalancer(options)
    return { ...balancer, whenUp: async () => {}, ended: new Promise<never>(() => {}) }
  }
  const { whenUp, ended, close } = await startHaproxy(options)
  // It finds out by itself which hosts there are.
  return { takeOut() {}, takeIn() {}, whenUp, ended, close }
}
