import { type Answer, fail, mend, pass } from '../answer.ts';
import type { ClusterCheck } from '../check.ts';

/** Network plugins by how their pods are called (weka-operator §6.5). */
const PLUGINS: readonly (readonly [name: RegExp, words: string])[] = [
  [/^calico-node-/, 'Calico'],
  [/^cilium-/, 'Cilium'],
  [/^kube-flannel-/, 'Flannel'],
  [/^weave-net-/, 'Weave'],
  [/^antrea-agent-/, 'Antrea'],
  [/^canal-/, 'Canal'],
  [/^aws-node-/, 'Amazon VPC CNI'],
  [/^azure-(?:cni|vnet)-/, 'Azure CNI'],
  [/^ovnkube-node-/, 'OVN-Kubernetes'],
  [/^kindnet-/, 'kindnet'],
];

/** A plugin that is not known here is fine: a kubelet says that it is ready only once there is one. */
export const podNetwork: ClusterCheck = {
  about: 'a network for pods',
  why: "Pods that are not on the node's own network, such as those that distribute drivers, get addresses from a network plugin.",
  check({ facts: { nodes, pods } }): Answer {
    const found = new Set<string>();
    for (const { name, ended } of pods) {
      if (ended) continue;
      const plugin = PLUGINS.find(([pattern]) => pattern.test(name));
      if (plugin !== undefined) found.add(plugin[1]);
    }
    if (found.size > 0) return pass([...found].toSorted().join(', '));
    if (nodes.some(({ isReady, obstacle }) => isReady && obstacle !== 'has no network'))
      return pass('nodes are ready with it');
    return fail(
      'no node is ready, and no pod of a known network plugin is there',
      'a network plugin (CNI)',
      mend('Install a network plugin, or look at its pods.', 'kubectl -n kube-system get pods -o wide'),
    );
  },
};
