import { isKnown } from '../../../../schemas/node/observed.ts';
import { type Answer, fail, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { commandOf } from '../mends.ts';

/** On disk, with all that a container needs. */
const GOOD = new Set(['xfs', 'ext4', 'ext3', 'btrfs', 'zfs']);
/** Gone with the power. */
const IN_MEMORY = new Set(['tmpfs', 'ramfs', 'rootfs']);

export const persistenceFileSystem: NodeCheck = {
  about: 'a file system on disk under the persistence folder',
  why: 'What containers keep there has to survive a reboot: without it a container has to join its cluster as a new one.',
  // What has its state on a volume of its own keeps none there.
  concerns: ({ hosted }) =>
    hosted.length === 0 || hosted.some(({ diskGiB, count }) => count === 0 || diskGiB > 0),
  from: 'report',
  check({ observed: { persistence } }): Answer {
    const look = mend('Look at the node.', 'findmnt -T /opt/k8s-weka || findmnt -T /opt');
    if (!isKnown(persistence)) return unclear(persistence.unknown, look);
    const { path, fileSystem, exists } = persistence;
    if (!isKnown(fileSystem)) return unclear(fileSystem.unknown, look);
    const seen = isKnown(exists) && exists === 'no' ? `${fileSystem}; ${path} is not there yet` : fileSystem;
    if (GOOD.has(fileSystem)) return pass(seen);
    const needed = `a local file system on disk, such as xfs, under ${path}`;
    const mount = mend(
      `Mount a disk at ${path}, and enter it in /etc/fstab; a new file system on DEVICE loses what is there.`,
      ...commandOf`sudo mkfs.xfs DEVICE && sudo mkdir -p ${path} && sudo mount DEVICE ${path}`,
      ...commandOf`echo "UUID=$(sudo blkid -s UUID -o value DEVICE)" ${path} xfs defaults 0 0 | sudo tee -a /etc/fstab`,
    );
    return IN_MEMORY.has(fileSystem) ? fail(seen, needed, mount) : warn(seen, needed, mount);
  },
};
