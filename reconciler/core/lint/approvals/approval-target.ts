import { KINDS } from '../../kube/kinds.ts';
import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecOf, SpecProblem, SpecRule } from '../spec-rule.ts';
import { VENDOR_KINDS } from './actions.ts';

/** Kinds that something can be done to: Nodes have drives and modules, and are in no repository. */
const NAMESPACED: ReadonlyMap<string, boolean> = new Map([
  ['Node', false],
  ...VENDOR_KINDS.map((kind) => [kind, true] as const),
  ...KINDS.map(({ kind, namespaced }) => [kind, namespaced] as const),
]);

export const approvalTarget: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Consent holds for the one object that it names, so it must name one that there can be.',
  example: {
    wrong:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
    right:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
  },
  *check({ approvals }) {
    for (const spec of approvals) {
      const fault = faultOf(spec.approval.spec);
      if (fault !== undefined) yield { spec, ...fault };
    }
  },
};

function faultOf({
  action,
  target,
}: SpecOf<'Approval'>['approval']['spec']): Omit<SpecProblem, 'spec'> | undefined {
  const { kind, namespace } = target;
  const path = ['spec', 'target'];
  const namespaced = NAMESPACED.get(kind);
  if (namespaced === undefined) {
    const near = nearest(kind, NAMESPACED.keys());
    return {
      path: [...path, 'kind'],
      message: `${quoted(kind)} is no kind that weka-gitops manages.`,
      hint: near === undefined ? 'Copy the Approval that the plan prints.' : `Did you mean ${near}?`,
    };
  }
  if (action === 'destroy-cluster' && kind !== 'WekaCluster') {
    return {
      path: [...path, 'kind'],
      message: `Only a WekaCluster can be destroyed by destroy-cluster, and the target is a ${kind}.`,
      hint: 'Copy the Approval that the plan prints.',
    };
  }
  if (namespaced && namespace === undefined) {
    return {
      path,
      at: 'name',
      message: `A ${kind} is in a namespace, and the target has none.`,
      hint: 'Set target.namespace.',
    };
  }
  if (!namespaced && namespace !== undefined) {
    return {
      path: [...path, 'namespace'],
      at: 'name',
      message: `A ${kind} is in no namespace.`,
      hint: 'Remove target.namespace.',
    };
  }
  return undefined;
}
