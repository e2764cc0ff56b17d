import { parseDocument } from 'yaml';
import type { Facts } from '../../facts/facts.ts';
import { record } from '../../kube/json.ts';
import { briefOf } from '../../nodes/agent-report.ts';
import type { FactRule } from '../spec-rule.ts';
import { firstFew } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

/** Only where anything tells: agents of nodes do, kubeadm keeps the kubelets' configuration, and some tools label nodes with it (weka-operator §6.4). */
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
      const told = nodes.map((node) => [node, toldPolicy(node.name, facts)] as const);
      const others = told.flatMap(([node, its]) => (its !== undefined && its !== 'static' ? [node] : []));
      const silent = told.flatMap(([node, its]) => (its === undefined ? [node] : []));
      const without = silent.filter(({ labels }) => labels['cpumanager'] === 'false');
      const why =
        others.length > 0
          ? `the CPU manager is not the static one on nodes of ${words}: ${firstFew(others, ({ name }) => `${toldPolicy(name, facts) ?? ''} on ${name}`)}`
          : silent.length === 0
            ? undefined
            : without.length > 0
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

/** What the kubelet of a node goes by, as its agent sees it; undefined where no report counts, or tells it. */
function toldPolicy(node: string, { reports }: Facts): string | undefined {
  const report = reports.get(node);
  return report?.state === 'told' ? briefOf(report)?.cpuPolicy : undefined;
}

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
