import { type Answer, mend, pass, warn } from '../answer.ts';
import type { ClusterCheck, NodeSubject } from '../check.ts';

/** So many are named. */
const SHOWN = 3;

export const nodesAlike: ClusterCheck = {
  about: 'one kernel and one system on all nodes',
  why: 'Each kernel and system needs drivers of its own, and a mixed cluster is harder to upgrade and to mend.',
  check({ nodes }): Answer | undefined {
    if (nodes.length === 0) return undefined;
    const kernels = countsOf(nodes, ({ node }) => node.kernel);
    const systems = countsOf(nodes, ({ system }) => system.words);
    if (kernels.length < 2 && systems.length < 2)
      return pass([...systems, ...kernels].map(([text]) => text).join(', '));
    const mixed = [
      ...(kernels.length > 1 ? [words('kernels', kernels)] : []),
      ...(systems.length > 1 ? [words('systems', systems)] : []),
    ];
    return warn(
      mixed.join('; '),
      'nodes that are alike',
      mend(
        'Bring the nodes to one release, or choose nodes that are alike by label.',
        'kubectl get nodes -o wide',
      ),
    );
  },
};

type Count = readonly [text: string, nodes: number];

/** How often each text is there, the most frequent first. */
function countsOf(nodes: readonly NodeSubject[], of: (node: NodeSubject) => string): readonly Count[] {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const text = of(node);
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
}

function words(what: string, counts: readonly Count[]): string {
  const shown = counts.slice(0, SHOWN).map(([text, nodes]) => `${text} on ${nodes}`);
  const more = counts.length > SHOWN ? [`${counts.length - SHOWN} more`] : [];
  return `${counts.length} ${what}: ${[...shown, ...more].join(', ')}`;
}
