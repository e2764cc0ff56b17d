import { type Answer, fail, mend, pass, unclear } from '../answer.ts';
import type { ClusterCheck } from '../check.ts';
import { commandOf } from '../mends.ts';

/** The label of Pod Security that makes a namespace refuse pods. */
export const POD_SECURITY = 'pod-security.kubernetes.io/enforce';

/** A namespace without the label takes what the API server is set to, which is everything unless somebody changed it. */
export const privilegedPods: ClusterCheck = {
  about: 'namespaces that take privileged pods',
  why: "WEKA's pods are privileged and use the node's network, which the levels baseline and restricted refuse.",
  check({ traits: { podSecurity }, namespaces }): Answer | undefined {
    if (namespaces.length === 0) return undefined;
    const untold = namespaces.filter((name) => podSecurity?.has(name) !== true);
    const closed = namespaces.filter((name) => !['', 'privileged'].includes(podSecurity?.get(name) ?? ''));
    if (closed.length > 0) {
      return fail(
        closed.map((name) => `${name} takes ${podSecurity?.get(name) ?? ''} pods only`).join(', '),
        'privileged pods',
        mend(
          'Let the namespace take privileged pods, in its manifest where it has one.',
          ...closed.flatMap(
            (name) => commandOf`kubectl label namespace ${name} ${POD_SECURITY}=privileged --overwrite`,
          ),
        ),
      );
    }
    if (untold.length > 0) {
      return unclear(
        `What pods ${untold.join(', ')} takes is not told: no Namespace was read.`,
        mend(
          'Run it against the cluster itself, or look.',
          ...untold.flatMap((name) => commandOf`kubectl get namespace ${name} --show-labels`),
        ),
      );
    }
    return pass(namespaces.join(', '));
  },
};
