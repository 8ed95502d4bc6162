import { startHaproxy } from '@/tools/haproxy/start-haproxy'
import type { Children } from '@/tools/process/child-process'
import type { Log } from '@/tools/process/progress'
import { type Balancer, startBalancer } from './bundled-balancer'
import type { Environment } from './host-environment'
import type { BalancerKind } from './stack-options'

/** The balancer of a stack: the bundled one or HAProxy. */
export interface StackBalancer extends Pick<Balancer, 'takeOut' | 'takeIn' | 'close'> {
  /** Resolves when the host is in the rotation. */
  whenUp(hostName: string): Promise<void>
  /** Resolves to how the HAProxy process ended. Never resolves for the bundled balancer. */
  ended: Promise<string>
}

/** Printed when a stack starts its balancer. */
export const balancerDescriptions: Record<BalancerKind, string> = {
  bundled: 'starting the bundled balancer (round robin, no sticky sessions)',
  haproxy: 'starting HAProxy with deploy/haproxy.cfg',
}

/**
 * Starts the balancer of this kind.
 * @throws UserError with a fix if it does not start
 */
export async function openBalancer(
  kind: BalancerKind,
  options: {
    port: number
    hosts: readonly { name: string; port: number }[]
    /** Variables of deploy/haproxy.cfg, such as the limits. */
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
  // HAProxy detects by health checks which hosts are up.
  return { takeOut() {}, takeIn() {}, whenUp, ended, close }
}
