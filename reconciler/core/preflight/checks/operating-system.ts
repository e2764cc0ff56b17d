import { mend, NODE, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { KNOWN_SYSTEMS } from '../system.ts';

/** Another system may work as well, so it only warns. */
export const operatingSystem: NodeCheck = {
  about: 'an operating system that WEKA is known to run on',
  why: 'Drivers, folders and tools differ by system, and on others nobody has tried them.',
  concerns: 'all',
  from: 'node',
  check({ system: { id, words, family } }) {
    if (family !== undefined) return pass(words);
    if (id === undefined && words === '') {
      return unclear(
        'The node does not say which system it runs.',
        mend(
          'Look at status.nodeInfo of the Node.',
          `kubectl get node ${NODE} -o jsonpath={.status.nodeInfo.osImage}`,
        ),
      );
    }
    return warn(
      words,
      `one of ${[...KNOWN_SYSTEMS.keys()].join(', ')}`,
      mend('Choose other nodes, or ask WEKA whether this system is supported.'),
    );
  },
};
