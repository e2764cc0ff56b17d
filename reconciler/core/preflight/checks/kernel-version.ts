import { mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { compareVersions, parseVersion } from '../version.ts';

/** The oldest that WEKA is known to work well with (weka-operator §6.5). Compared as a version: 5.4 is older than 5.10. */
const OLDEST = [5, 10] as const;

export const kernelVersion: NodeCheck = {
  about: `a kernel of at least ${OLDEST.join('.')}`,
  why: 'WEKA does not work well with older ones.',
  concerns: 'all',
  from: 'node',
  check({ node: { kernel } }) {
    const version = parseVersion(kernel);
    if (version === undefined) {
      return unclear(
        kernel === ''
          ? 'The node does not say which kernel it runs.'
          : `The kernel calls itself ${kernel}, which is no version.`,
        mend('Look at the node.', 'uname -r'),
      );
    }
    if (compareVersions(version, OLDEST) >= 0) return pass(kernel);
    return warn(
      kernel,
      `${OLDEST.join('.')} or later`,
      mend('Upgrade the kernel of the node and reboot it, or choose other nodes.'),
    );
  },
};
