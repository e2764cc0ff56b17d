/** How often the scheduler agreed, and on what; and what it has no say in. */
export interface ProofCount {
  readonly clusters: number;
  readonly nodes: number;
  /** Containers that stayed where they ran. */
  readonly kept: number;
  /** Containers that were bound to the node that placement named. */
  readonly placed: number;
  /** Containers that were refused, and that the scheduler refused with all nodes to choose from. */
  readonly refusedUnpinned: number;
  /** Containers that were refused, and that the scheduler refused on each node for itself. */
  readonly refusedNodeByNode: number;
  /** Containers that were refused for reasons of WEKA alone, such as that no ports are free. */
  readonly refusedByWeka: number;
  /** Nodes that were left out of that, by the rule of WEKA which the scheduler knows nothing of. */
  readonly ownRules: Readonly<Record<string, number>>;
  /** Changes that were made, after each of which the container was bound, by their kind. */
  readonly changes: Readonly<Record<string, number>>;
}

export const NOTHING_PROVED: ProofCount = {
  clusters: 0,
  nodes: 0,
  kept: 0,
  placed: 0,
  refusedUnpinned: 0,
  refusedNodeByNode: 0,
  refusedByWeka: 0,
  ownRules: {},
  changes: {},
};

/** Both together. */
export function together(one: ProofCount, other: ProofCount): ProofCount {
  return {
    clusters: one.clusters + other.clusters,
    nodes: one.nodes + other.nodes,
    kept: one.kept + other.kept,
    placed: one.placed + other.placed,
    refusedUnpinned: one.refusedUnpinned + other.refusedUnpinned,
    refusedNodeByNode: one.refusedNodeByNode + other.refusedNodeByNode,
    refusedByWeka: one.refusedByWeka + other.refusedByWeka,
    ownRules: sums(one.ownRules, other.ownRules),
    changes: sums(one.changes, other.changes),
  };
}

function sums(one: ProofCount['changes'], other: ProofCount['changes']): ProofCount['changes'] {
  const all: Record<string, number> = { ...one };
  for (const [kind, count] of Object.entries(other)) all[kind] = (all[kind] ?? 0) + count;
  return all;
}

export function describeCount(count: ProofCount): string {
  const { clusters, nodes, kept, placed, refusedUnpinned, refusedNodeByNode, refusedByWeka } = count;
  const list = (counts: ProofCount['changes']) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([kind, times]) => `${kind} ${times}`)
      .join(', ') || 'none';
  return [
    `${clusters} clusters with ${nodes} nodes: ${placed} containers bound to the node that was named, ${kept} kept.`,
    `${refusedUnpinned + refusedNodeByNode} refused by the scheduler too (${refusedNodeByNode} of them node by node), ${refusedByWeka} by rules of WEKA alone.`,
    `Changes after which a container was bound: ${list(count.changes)}.`,
    `Nodes kept free by rules that the scheduler does not know: ${list(count.ownRules)}.`,
  ].join('\n');
}
