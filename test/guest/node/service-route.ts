import type { Cluster } from '../../cluster/cluster.ts';
import type { GuestNode } from './guest-node.ts';

const PORT = '60002';

/** In place of kube-proxy: on a node, packets to a Service go to the one pod that there is. */
export class ServiceRoute {
  readonly #node: GuestNode;
  readonly #blocked: readonly string[];

  private constructor(node: GuestNode, service: string) {
    this.#node = node;
    // The kubelet, which asks the pod itself whether it is ready, is let through, as by every network.
    this.#blocked = ['OUTPUT', '-d', `${service}/32`, '-p', 'tcp', '--dport', PORT, '-j', 'DROP'];
  }

  /** `undefined` as long as there is no Service, or no pod of it runs. */
  static async to(
    cluster: Cluster,
    node: GuestNode,
    { namespace, service }: { readonly namespace: string; readonly service: string },
  ): Promise<ServiceRoute | undefined> {
    const folder = `/api/v1/namespaces/${namespace}`;
    interface Service {
      readonly spec: { readonly clusterIP?: string };
    }
    const get = async () => await cluster.api.json<Service>('GET', `${folder}/services/${service}`);
    const address = (await get().catch(() => undefined))?.spec.clusterIP;
    interface Pods {
      readonly items: readonly { readonly status: { readonly podIP?: string; readonly phase: string } }[];
    }
    const selector = `labelSelector=app%3D${service}`;
    const { items } = await cluster.api.json<Pods>('GET', `${folder}/pods?${selector}`);
    const pod = items.find(({ status: { phase } }) => phase === 'Running')?.status.podIP;
    if (address === undefined || pod === undefined) return undefined;
    for (const chain of ['PREROUTING', 'OUTPUT']) {
      const match = ['-d', `${address}/32`, '-p', 'tcp', '--dport', PORT];
      const to = ['-j', 'DNAT', '--to-destination', `${pod}:${PORT}`];
      await node.guest.output('iptables', '-t', 'nat', '-A', chain, ...match, ...to);
    }
    return new ServiceRoute(node, address);
  }

  /** Drops what the node itself sends there, as a NetworkPolicy does. */
  async block(): Promise<void> {
    await this.#node.guest.output('iptables', '-t', 'mangle', '-A', ...this.#blocked);
  }

  async unblock(): Promise<void> {
    await this.#node.guest.output('iptables', '-t', 'mangle', '-D', ...this.#blocked);
  }
}
