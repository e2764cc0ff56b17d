import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { forWhom, type Hosted } from '../hosted.ts';
import { commandOf } from '../mends.ts';

/**
 * The vendor's rule of 10 GiB for each container and 20 GiB for each core, which grows with what a node hosts. The fixed
 * limits of kubectl-weka, which its page and its code tell differently (100 and 300 GB), are left out. Where containers
 * stand already, what they have written is part of what they need, so the whole file system counts and not what is free.
 */
export const storage: NodeCheck = {
  about: 'enough space under the persistence folder',
  why: 'Containers keep state, traces and dumps there, and fail when it is full.',
  concerns: ({ hosted }) => needGiB(hosted) > 0,
  from: 'report',
  check({ observed: { persistence }, hosted, pods }) {
    const need = needGiB(hosted);
    const look = mend('Look at the node.', 'df -h /opt/k8s-weka || df -h /opt');
    if (!isKnown(persistence)) return unclear(persistence.unknown, look);
    const { path, freeGiB, totalGiB, mountPoint } = persistence;
    if (!isKnown(freeGiB)) return unclear(freeGiB.unknown, look);
    const settled = pods.some(({ labels }) => labels['weka.io/mode'] !== undefined);
    const place = isKnown(mountPoint) ? ` on ${mountPoint}` : '';
    const needed = `${need} GiB under ${path} ${forWhom(hosted)}`;
    const enlarge = mend(
      `Enlarge the file system that holds ${path}, or mount one of at least ${need} GiB there.`,
      ...commandOf`df -h ${isKnown(mountPoint) ? mountPoint : '/opt'}`,
    );
    if (settled && isKnown(totalGiB)) {
      const seen = `${totalGiB} GiB${place}, ${freeGiB} GiB of it free`;
      return totalGiB >= need && freeGiB > 0 ? pass(seen) : fail(seen, needed, enlarge);
    }
    const seen = `${freeGiB} GiB free${place}`;
    if (freeGiB >= need) return pass(seen);
    // Free space is reported in steps, so that a little less may be enough.
    return freeGiB + stepGiB(freeGiB) > need ? warn(seen, needed, enlarge) : fail(seen, needed, enlarge);
  },
};

function needGiB(hosted: readonly Hosted[]): number {
  return Math.ceil(hosted.reduce((sum, { diskGiB }) => sum + diskGiB, 0));
}

function stepGiB(freeGiB: number): number {
  return freeGiB < 64 ? 1 : freeGiB < 512 ? 8 : 64;
}
