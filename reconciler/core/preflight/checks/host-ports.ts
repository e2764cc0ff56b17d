import { ownerOf } from '../../facts/node-usage.ts';
import { RESERVED_PORTS } from '../../placement/choose-ports.ts';
import { mend, pass, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';

/** Ports that the manifests name are held against the nodes by rules; these are the fixed ones (weka-operator §2.5). */
export const hostPorts: NodeCheck = {
  about: "WEKA's fixed ports free of other pods",
  why: 'Some services of WEKA listen on ports of the node that cannot be chosen.',
  concerns: 'all',
  from: 'node',
  check({ pods }) {
    const taken = pods.flatMap((pod) =>
      pod.labels['weka.io/mode'] !== undefined || ownerOf(pod) !== undefined || pod.labels['app'] === 'weka'
        ? []
        : pod.hostPorts
            .filter((port) => RESERVED_PORTS.includes(port))
            .map((port) => `${port} by ${pod.namespace}/${pod.name}`),
    );
    if (taken.length === 0) return pass('free');
    return warn(
      `taken: ${taken.slice(0, 3).join(', ')}${taken.length > 3 ? `, and ${taken.length - 3} more` : ''}`,
      `ports ${RESERVED_PORTS.join(', ')}`,
      mend('Give those pods other host ports.'),
    );
  },
};
