import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, type Mend, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { installing, machineConfig } from '../mends.ts';
import type { System } from '../system.ts';

/**
 * They are needed where drivers are built, which is on one node for all that run its kernel; where nobody says where drivers come
 * from, their lack only warns.
 */
export const kernelHeaders: NodeCheck = {
  about: 'headers of the running kernel, where drivers are built',
  why: "Drivers are built against the headers of exactly the kernel that runs, from the node's /lib/modules and /usr/src.",
  // What builds for Container-Optimized OS brings the toolchain of its build along.
  concerns: ({ builds, system }) => builds !== 'no' && system.family !== 'cos',
  from: 'report',
  check({ node, observed: { kernel, headers }, builds, headersOn, system }) {
    const look = mend('Look at the node.', 'ls -l "/lib/modules/$(uname -r)/build/Makefile"');
    if (!isKnown(kernel)) return unclear(kernel.unknown, look);
    if (!isKnown(headers)) return unclear(headers.unknown, look);
    if (headers.includes(kernel.release)) return pass(`headers of ${kernel.release}`);
    const others = headers.length === 0 ? 'no headers' : `headers of ${headers.slice(0, 3).join(', ')}`;
    if (headersOn !== undefined && headersOn !== node.name) {
      return pass(
        `${others}, and drivers for ${kernel.release} are built on ${headersOn}, which has its headers`,
      );
    }
    const lacking = builds === 'yes' ? fail : warn;
    const purpose = builds === 'yes' ? '' : ', if drivers are built here';
    return lacking(others, `headers of ${kernel.release}${purpose}`, installHeaders(system));
  },
};

function installHeaders(system: System): Mend {
  if (system.family === 'rhcos') {
    return mend(
      'Add kernel-devel to the nodes; they reboot one after another.',
      machineConfig('90-weka-kernel-devel', ['extensions: [kernel-devel]']),
    );
  }
  if (system.family === 'nixos') {
    return mend(
      'Add config.boot.kernelPackages.kernel.dev to system.extraDependencies, and rebuild the system.',
    );
  }
  return installing(
    'the headers of the running kernel',
    {
      debian: '"linux-headers-$(uname -r)"',
      'red-hat': '"kernel-devel-$(uname -r)"',
      suse: '"kernel-default-devel=$(uname -r | sed s/-default$//)"',
    },
    system,
  );
}
