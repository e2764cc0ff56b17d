import { mebibytes, mebibytesLeft } from '../amounts.ts';
import { fail, mend, NODE, pass } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { forWhom, needOf } from '../hosted.ts';

/** Huge pages come out of the same memory: those that are yet to be set aside count as taken already. */
export const memory: NodeCheck = {
  about: 'enough free memory beside the huge pages',
  why: 'A container for which there is not enough memory stays pending.',
  concerns: ({ hosted }) => needOf(hosted).memoryBytes > 0,
  from: 'node',
  check({ hosted, free }) {
    const need = needOf(hosted);
    const toSetAside = Math.max(0, need.hugePages2MiBytes - Math.max(0, free.hugePages2MiBytes));
    const left = free.memoryBytes - toSetAside;
    const beside = toSetAside === 0 ? '' : ` once ${mebibytes(toSetAside)} of it are set aside as huge pages`;
    const seen = `${mebibytesLeft(left)} free${beside}`;
    if (left >= need.memoryBytes) return pass(seen);
    return fail(
      seen,
      `${mebibytes(need.memoryBytes)} ${forWhom(hosted)}`,
      mend(
        'Move other pods away, ask for fewer cores in the manifest, or choose a larger node.',
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${NODE}`,
      ),
    );
  },
};
