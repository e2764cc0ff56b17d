import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';

export const avx2: NodeCheck = {
  about: 'processors with AVX2',
  why: "WEKA's processes use AVX2 instructions, and end at the first one where there are none.",
  // Another architecture has other instructions, and a check of its own.
  concerns: ({ node: { architecture } }) => architecture === 'amd64' || architecture === '',
  from: 'report',
  check({ observed: { cpus } }) {
    if (!isKnown(cpus))
      return unclear(cpus.unknown, mend('Look at the node.', 'grep -m1 -o -w avx2 /proc/cpuinfo'));
    if (cpus.features.includes('avx2')) return pass('AVX2');
    return fail(
      isKnown(cpus.model) ? `${cpus.model} without AVX2` : 'no AVX2',
      'AVX2',
      mend(
        'Choose other nodes; in a virtual machine, pass the processor of the host through (host-passthrough).',
      ),
    );
  },
};
