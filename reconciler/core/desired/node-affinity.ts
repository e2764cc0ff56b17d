import { HOSTNAME } from '../kube/hostname.ts';
import { record, records } from '../kube/json.ts';

interface Requirement {
  readonly key: string;
  readonly operator: 'In';
  readonly values: readonly string[];
}

/** What a manifest says of the nodes that its pod may run on. */
export interface NodeChoice {
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** Name of the one node, as its hostname label has it. */
  readonly nodeAffinity?: string | undefined;
  readonly affinity?: unknown;
}

/**
 * Affinity that keeps a pod on Linux nodes with all labels of the selector, and on one node where one is named. It is
 * affinity and not `nodeName`, so that the scheduler still accounts for what the pod takes (design: the scheduler
 * checks). What the manifest's own affinity asks for holds as well: terms are alternatives, so each gets all of ours,
 * save an empty one, which no node matches and which would match with ours in it.
 */
export function podAffinity({ nodeSelector = {}, nodeAffinity, affinity }: NodeChoice): object {
  const ours: readonly Requirement[] = [
    requirement('kubernetes.io/os', 'linux'),
    ...Object.entries(nodeSelector).map(([key, value]) => requirement(key, value)),
    ...(nodeAffinity ? [requirement(HOSTNAME, nodeAffinity)] : []),
  ];
  const theirs = record(affinity);
  const nodes = record(theirs['nodeAffinity']);
  const terms = records(record(nodes[REQUIRED])['nodeSelectorTerms']);
  const nodeSelectorTerms =
    terms.length === 0
      ? [{ matchExpressions: ours }]
      : terms.map((term) => {
          const expressions = records(term['matchExpressions']);
          const isEmpty = expressions.length + records(term['matchFields']).length === 0;
          return isEmpty ? {} : { ...term, matchExpressions: [...ours, ...expressions] };
        });
  return { ...theirs, nodeAffinity: { ...nodes, [REQUIRED]: { nodeSelectorTerms } } };
}

/** Affinity that keeps a pod on the node of this name, whatever its hostname label says. */
export function onNode(name: string): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [name] }];
  return { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [{ matchFields }] } } };
}

export const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function requirement(key: string, value: string): Requirement {
  return { key, operator: 'In', values: [value] };
}
