import { fail, NODE, mend, pass, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';

const NEEDED = 'a node that is ready and takes pods';

/** A node that is cordoned on purpose only warns; where pods could not run at all, it fails. */
export const nodeInService: NodeCheck = {
  about: 'ready, with a network, and not cordoned',
  why: 'No pod starts on a node that is not ready, and none is put on one that is cordoned.',
  concerns: 'all',
  from: 'node',
  check({ node: { obstacle } }) {
    switch (obstacle) {
      case undefined:
        return pass('ready');
      case 'is cordoned':
        return warn(
          obstacle,
          NEEDED,
          mend('Let it take pods again once its maintenance is over.', `kubectl uncordon ${NODE}`),
        );
      case 'has no network':
        return fail(
          obstacle,
          NEEDED,
          mend(
            'Look at the network plugin of the node.',
            `kubectl get pods -A -o wide --field-selector spec.nodeName=${NODE}`,
          ),
        );
      default:
        return fail(
          obstacle,
          NEEDED,
          mend(
            'See what its kubelet says.',
            `kubectl describe node ${NODE}`,
            'sudo journalctl -u kubelet -n 100',
          ),
        );
    }
  },
};
