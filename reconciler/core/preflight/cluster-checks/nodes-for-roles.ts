import { listWords } from '../../facts/resources.ts';
import { type Answer, fail, mend, NODE, pass } from '../answer.ts';
import type { ClusterCheck } from '../check.ts';
import type { Demand } from '../demand.ts';
import { isOneLine, shellWord } from '../mends.ts';

/** By labels and taints alone: what room nodes have is told node by node. */
export const nodesForRoles: ClusterCheck = {
  about: 'as many nodes with the right labels as each role needs',
  why: 'A node hosts one container of a role; those beyond the number of nodes stay pending.',
  check({ demands }): Answer | undefined {
    if (demands.length === 0) return undefined;
    const short = demands.filter(({ nodes, needed }) => nodes < needed);
    if (short.length === 0) return pass(listWords(demands.map(words)));
    return fail(
      listWords(short.map(words)),
      listWords(short.map(({ needed, words: role }) => `${counted(needed)} for ${role}`)),
      mend(
        'Label more nodes, tolerate their taints in the manifest, or ask for fewer containers.',
        ...new Set(short.flatMap(labelCommand)),
      ),
    );
  },
};

function words({ nodes, words: role }: Demand): string {
  return `${counted(nodes)} for ${role}`;
}

function counted(nodes: number): string {
  return nodes === 0 ? 'no node' : nodes === 1 ? '1 node' : `${nodes} nodes`;
}

function labelCommand({ labels }: Demand): readonly string[] {
  const all = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const pairs = all.every(isOneLine) ? all.map(shellWord) : [];
  return pairs.length === 0 ? [] : [`kubectl label node ${NODE} ${pairs.join(' ')}`];
}
