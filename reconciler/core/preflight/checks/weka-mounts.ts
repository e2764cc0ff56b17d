import { isKnown } from '../../../../schemas/node/observed.ts';
import { mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';

/** Modes whose containers serve mounts of their node. */
const SERVING = new Set(['client', 's3', 'nfs', 'smbw']);

export const wekaMounts: NodeCheck = {
  about: 'no mounts of WEKA left behind',
  why: 'A mount that no container serves hangs whoever looks at it, and keeps the old drivers loaded.',
  concerns: 'all',
  from: 'report',
  check({ observed: { wekaMounts: mounts }, pods }) {
    const look = mend('Look at the node.', 'findmnt -t wekafs');
    if (!isKnown(mounts)) return unclear(mounts.unknown, look);
    let active = 0;
    for (const mount of mounts) {
      if (!isKnown(mount.active)) return unclear(mount.active.unknown, look);
      active += mount.active;
    }
    if (active === 0) return pass('none');
    if (pods.some(({ labels }) => SERVING.has(labels['weka.io/mode'] ?? ''))) {
      return pass(`${words(active)}, served by a container`);
    }
    return warn(
      `${words(active)}, and no container that serves mounts`,
      'none',
      mend(
        'End what uses them, and unmount them.',
        'sudo lsof +f -- $(findmnt -t wekafs -n -o TARGET)',
        'sudo umount -a -t wekafs',
      ),
    );
  },
};

function words(active: number): string {
  return active === 1 ? '1 mount' : `${active} mounts`;
}
