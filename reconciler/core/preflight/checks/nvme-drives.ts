import { isKnown } from '../../../../schemas/node/observed.ts';
import { toldBy } from '../../nodes/agent-report.ts';
import { type Answer, fail, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck, NodeSubject } from '../check.ts';
import { forWhom } from '../hosted.ts';

/** Drives that are signed already count as well as those that the agent sees; the root disk may be among the latter. */
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
    if (typeof found !== 'number') return found;
    const seen = found === 0 ? 'no NVMe drive' : count(found);
    if (found >= need) return pass(seen);
    const needed = `${count(need)} ${whom}`;
    const add = mend(
      'Add NVMe drives, or choose nodes that have them by label.',
      'lsblk -d -o NAME,SIZE,MODEL,SERIAL,TRAN',
    );
    return drives.length === 0 ? warn(seen, `${needed}, if it is to host one`, add) : fail(seen, needed, add);
  },
};

function nvmeOf({ report }: NodeSubject): number | Answer | 'untold' {
  const told = toldBy(report);
  if (told === undefined) return 'untold';
  const { blockDevices } = told.observed;
  if (!isKnown(blockDevices)) {
    return unclear(
      blockDevices.unknown,
      mend('Look at the node.', 'lsblk -d -o NAME,SIZE,MODEL,SERIAL,TRAN'),
    );
  }
  return blockDevices.filter(({ name }) => /^nvme\d+n\d+$/.test(name)).length;
}

function count(drives: number): string {
  return drives === 1 ? '1 NVMe drive' : `${drives} NVMe drives`;
}
