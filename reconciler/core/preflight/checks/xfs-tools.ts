import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { installing } from '../mends.ts';

export const xfsTools: NodeCheck = {
  about: 'the tools for XFS',
  why: 'Containers make XFS file systems for their state with mkfs.xfs.',
  concerns: 'all',
  from: 'report',
  check({ observed: { xfsTools: tools }, system }) {
    if (!isKnown(tools)) return unclear(tools.unknown, mend('Look at the node.', 'command -v mkfs.xfs'));
    if (tools.includes('mkfs.xfs')) return pass('mkfs.xfs');
    const names = { debian: 'xfsprogs', 'red-hat': 'xfsprogs', suse: 'xfsprogs' };
    return fail('no mkfs.xfs', 'mkfs.xfs', installing('the tools for XFS', names, system));
  },
};
