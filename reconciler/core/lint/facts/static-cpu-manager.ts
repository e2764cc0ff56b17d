import { parseDocument } from 'yaml';
import type { Facts } from '../../facts/facts.ts';
import { record } from '../../kube/json.ts';
import type { FactRule } from '../spec-rule.ts';
import { firstFew } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

/** Only where the cluster tells: kubeadm keeps the kubelets' configuration, and some tools label nodes with it (weka-operator §6.4). */
export const staticCpuManager: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Only a kubelet with the static CPU manager gives whole cores, and WEKA pins its processes to them.',
  facts: 'The configuration that kubeadm keeps for kubelets says cpuManagerPolicy: none.',
  example: { wrong: 'spec:\n  cpuPolicy: dedicated', right: 'spec:\n  cpuPolicy: shared' },
  *checkFacts(set, facts) {
    const policy = kubeletPolicy(facts);
    for (const { spec, words, nodes } of wekaNodes(set, facts)) {
      const { cpuPolicy } = spec.kind === 'WekaCluster' ? spec.cluster.spec : spec.client.spec;
      if (cpuPolicy === 'shared') continue;
      const without = nodes.filter(({ labels }) => labels['cpumanager'] === 'false');
      const why =
        without.length > 0
          ? `nodes of ${words} have the label cpumanager=false: ${firstFew(without, ({ name }) => name)}`
          : policy !== undefined && policy.value !== 'static'
            ? `${policy.source} ${policy.value === undefined ? 'sets no cpuManagerPolicy' : `sets cpuManagerPolicy to ${policy.value}`}`
            : undefined;
      if (why === undefined) continue;
      yield {
        spec,
        path: ['spec', 'cpuPolicy'],
        message: `Containers of ${words} need whole cores, and ${why}.`,
        hint: 'Set cpuManagerPolicy: static and reservedSystemCPUs: "0" on those kubelets, one drained node after another, or set the rule to silent where they have it already.',
      };
    }
  },
};

/** What kubeadm's ConfigMap says; undefined where there is none that can be read. */
function kubeletPolicy({
  configMaps,
}: Facts): { readonly source: string; readonly value: string | undefined } | undefined {
  for (const { namespace, name, data } of configMaps) {
    const text = data['kubelet'];
    if (text === undefined) continue;
    const document = parseDocument(text, { logLevel: 'silent' });
    const config = document.errors.length > 0 ? {} : record(document.toJS({ maxAliasCount: 0 }));
    if (config['kind'] !== 'KubeletConfiguration') continue;
    const value = config['cpuManagerPolicy'];
    const source = `ConfigMap ${namespace}/${name}`;
    return { source, value: typeof value === 'string' && value !== '' ? value : undefined };
  }
  return undefined;
}
