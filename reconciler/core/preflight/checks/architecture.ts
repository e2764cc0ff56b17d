import { fail, mend, NODE, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';

/** The vendor's images are for both, and backends need AVX2, which only x86 has (weka-operator §6.4, §6.6). */
export const architecture: NodeCheck = {
  about: 'amd64, or arm64 for clients',
  why: 'WEKA is built for amd64, some clients for arm64 as well, and for nothing else.',
  concerns: 'all',
  from: 'node',
  check({ node: { architecture: seen }, hosted }) {
    if (seen === 'amd64') return pass(seen);
    if (seen === '') {
      return unclear(
        'The node does not say what it is.',
        mend(
          'Look at status.nodeInfo of the Node.',
          `kubectl get node ${NODE} -o jsonpath={.status.nodeInfo.architecture}`,
        ),
      );
    }
    const mendIt = mend('Choose nodes with amd64 processors by label: kubernetes.io/arch=amd64.');
    const onlyClients = hosted.length > 0 && hosted.every(({ mode }) => mode === 'client');
    if (seen === 'arm64' && onlyClients) {
      return warn(seen, 'amd64, or an image of WEKA that is built for arm64', mendIt);
    }
    return fail(seen, 'amd64', mendIt);
  },
};
