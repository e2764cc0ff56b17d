import { isKnown, type Observed } from '../../../../schemas/node/observed.ts';
import type { BlockDevice } from '../../../../schemas/node/storage.ts';
import { toldBy } from '../../nodes/agent-report.ts';
import { fail, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck, NodeSubject } from '../check.ts';
import { forWhom } from '../hosted.ts';

/**
 * Drives that are signed already count as well as those that the agent sees. One of the latter may be the disk that the node
 * boots from, which no container gets, so that one more than is needed has to be there.
 */
export const nvmeDrives: NodeCheck = {
  about: 'enough NVMe drives',
  why: 'Drive containers keep the data on whole NVMe drives of their node.',
  concerns: ['drive', 'any'],
  from: 'node',
  check(subject) {
    const { hosted, node } = subject;
    const drives = hosted.filter(({ mode }) => mode === 'drive');
    const asked = drives.reduce((sum, each) => sum + each.drives, 0);
    const need = Math.max(asked, 1);
    const whom = forWhom(drives) || 'for a drive container';
    const signed = (node.annotations.drives ?? []).filter(
      (each) => !node.annotations.blocked.has(each),
    ).length;
    if (signed >= need) return pass(`${count(signed)} signed`);
    const found = nvmeOf(subject);
    if (found === undefined) return 'untold';
    if (!isKnown(found)) return unclear(found.unknown, mend('Look at the node.', LIST));
    const usable = found.filter(({ sizeBytes, readOnly }) => sizeBytes !== 0 && readOnly !== 'yes');
    const sure = usable.filter(({ sizeBytes, readOnly }) => isKnown(sizeBytes) && isKnown(readOnly));
    const seen = seenWords(found.length, usable.length);
    if (sure.length > need) return pass(seen);
    const needed = `${count(need)} ${whom}`;
    const add = mend('Add NVMe drives, or choose nodes that have them by label.', LIST);
    if (drives.length === 0) return warn(seen, `${needed}, if it is to host one`, add);
    if (usable.length < need) return fail(seen, needed, add);
    const [unsure] = usable.flatMap(({ sizeBytes, readOnly }) =>
      [sizeBytes, readOnly].filter((each) => !isKnown(each)),
    );
    if (unsure !== undefined && !isKnown(unsure))
      return unclear(unsure.unknown, mend('Look at the node.', LIST));
    return unclear(
      `There ${need === 1 ? 'is' : 'are'} ${count(need)}, as many as are needed ${whom}, and one may be the boot disk.`,
      mend('Look which disk the node boots from, and add a drive if it is one of these.', MOUNTED),
    );
  },
};

const LIST = 'lsblk -d -o NAME,SIZE,MODEL,SERIAL,TRAN';
const MOUNTED = 'lsblk -o NAME,SIZE,MODEL,SERIAL,MOUNTPOINT';

/** All NVMe drives that the agent tells of; undefined where no report counts. */
function nvmeOf({ report }: NodeSubject): Observed<readonly BlockDevice[]> | undefined {
  const devices = toldBy(report)?.observed.blockDevices;
  if (devices === undefined || !isKnown(devices)) return devices;
  return devices.filter(({ name }) => /^nvme\d+n\d+$/.test(name));
}

function seenWords(all: number, usable: number): string {
  if (all === 0) return 'no NVMe drive';
  if (usable === 0) return 'no NVMe drive that can be written';
  return `${count(usable)}, of which one may be the boot disk`;
}

function count(drives: number): string {
  return drives === 1 ? '1 NVMe drive' : `${drives} NVMe drives`;
}
