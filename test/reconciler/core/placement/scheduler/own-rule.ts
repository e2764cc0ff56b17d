import { repellent } from '../../../../../reconciler/core/facts/node-match.ts';
import { nodeFacts } from '../../../../../reconciler/core/facts/node-facts.ts';
import type { Reason } from '../../../../../reconciler/core/placement/reason.ts';
import type { Shape } from '../../../../../reconciler/core/placement/wanted.ts';
import type { KubeNode } from './kube-objects.ts';

/** Tolerations that the API server gives to every pod. */
const FOR_SOME_MINUTES = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
}));

/** The rule of WEKA, or of placement, that bars a node and that the scheduler does not know; undefined where it does. */
export function ownRule(reason: Reason, shape: Shape, node: KubeNode): string | undefined {
  switch (reason.kind) {
    case 'unknown-drives':
    case 'cores':
    case 'ports':
      return reason.kind;
    case 'labels': {
      // Without it nothing can be pinned to the node.
      const [label, ...others] = Object.keys(reason.missing);
      return label === 'kubernetes.io/hostname' && others.length === 0 ? 'no hostname' : undefined;
    }
    case 'out-of-service': {
      // Nothing new is put on such a node, while the scheduler goes by taints, and clients put up with most of them.
      const taints = node.spec.taints.map((each) => ({ value: '', ...each }));
      const tolerations = [...shape.tolerations, ...FOR_SOME_MINUTES];
      const isTolerated = repellent({ ...nodeFacts({ ...node }), taints }, tolerations) === undefined;
      return isTolerated ? 'tolerated trouble' : undefined;
    }
    case 'pods':
      // What comes along is asked for as one pod here.
      return shape.companions.length > 0 || shape.sharesDrives ? 'pods together' : undefined;
    default:
      return undefined;
  }
}
