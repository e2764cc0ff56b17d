import type { NodeReport } from '../../../../schemas/node-report.ts';
import { isKnown, type Observed, unknown } from '../../../../schemas/node/observed.ts';
import { toldBy } from '../../nodes/agent-report.ts';
import { mebibytes, mebibytesLeft } from '../amounts.ts';
import { type Answer, fail, type Mend, mend, pass } from '../answer.ts';
import type { NodeCheck, NodeSubject } from '../check.ts';
import { forWhom, needOf } from '../hosted.ts';
import { machineConfig } from '../mends.ts';
import type { Family } from '../system.ts';

const MIB = 2 ** 20;
const PAGE_KIB = 2048;
/** Free pages of a pool of which some are in use are reported in steps of so much, so that there may be this much more. */
const MOST_MORE = 64 * MIB - PAGE_KIB * 1024;
/** Of the memory, what may become huge pages: a node whose memory is all set aside no longer works. */
const MOST_OF_MEMORY = 0.9;

/**
 * What the pods request is needed (weka-operator §2.3), and not the vendor's rule of thumb of 3 and 1.5 GiB a core, which
 * is less for a drive container and more for a client: the scheduler and the kernel go by the requests. The kernel has to
 * have the pages, and the kubelet, which counts them when it starts, has to offer them.
 */
export const hugePages: NodeCheck = {
  about: 'enough huge pages of 2 MiB, set aside and offered by the kubelet',
  why: 'The memory of the data path is in huge pages; a container for which there are not enough does not start.',
  concerns: ({ hosted }) => needOf(hosted).hugePages2MiBytes > 0,
  from: 'node',
  check(subject) {
    const need = needOf(subject.hosted).hugePages2MiBytes;
    const pool = toldBy(subject.report)?.observed;
    const pages = pool && pagesOf(pool);
    return pages === undefined || !isKnown(pages)
      ? byKubelet(need, subject)
      : byKernel(need, pages, pool?.memoryMiB, subject);
  },
};

interface Pages {
  readonly total: number;
  readonly free: number;
  /** How much more may be free than is reported, since each NUMA node has a pool of its own. */
  readonly mayBeMore: number;
}

/** Bytes of all huge pages of 2 MiB, over all NUMA nodes. */
function pagesOf({ hugePages }: NodeReport['observed']): Observed<Pages> {
  if (!isKnown(hugePages)) return hugePages;
  let total = 0;
  let free = 0;
  let mayBeMore = 0;
  for (const pool of hugePages) {
    if (pool.sizeKiB !== PAGE_KIB) continue;
    if (!isKnown(pool.total)) return pool.total;
    if (!isKnown(pool.free)) return pool.free;
    total += pool.total;
    free += pool.free;
    if (pool.free < pool.total) mayBeMore += MOST_MORE;
  }
  return Number.isSafeInteger(total)
    ? { total: total * 2 * MIB, free: free * 2 * MIB, mayBeMore }
    : unknown('Too many.');
}

function byKernel(
  need: number,
  { total, free, mayBeMore }: Pages,
  memoryMiB: NodeReport['observed']['memoryMiB'] | undefined,
  subject: NodeSubject,
): Answer {
  const { held, others } = subject;
  const kernel =
    total === 0 ? 'none set aside' : `${mebibytesLeft(total)} set aside, ${mebibytesLeft(free)} of it free`;
  const seen = `${kernel}, ${offered(subject)}`;
  const needed = `${mebibytes(need)} ${forWhom(subject.hosted)}`;
  // What the containers have already is theirs; what is beyond that has to be free, also of what no pod has asked for.
  const yetToTake = Math.max(0, need - held.hugePages2MiBytes);
  const tooFew = Math.max(0, need + others.hugePages2MiBytes - total);
  const takenBesides = free + mayBeMore >= yetToTake ? 0 : yetToTake - free;
  const more = Math.max(tooFew, takenBesides);
  if (more > 0) return fail(seen, needed, setAside(total + more, memoryMiB, subject.system.family));
  if (subject.free.hugePages2MiBytes >= need) return pass(seen);
  return fail(
    seen,
    needed,
    mend('Restart the kubelet: it counts huge pages when it starts.', 'sudo systemctl restart kubelet'),
  );
}

/** Without a report the kubelet alone tells, and what it does not offer no container gets. */
function byKubelet(need: number, subject: NodeSubject): Answer {
  const { free, others, node, hosted, system } = subject;
  const seen = offered(subject);
  if (free.hugePages2MiBytes >= need) return pass(seen);
  const { memoryBytes, hugePages2MiBytes } = node.allocatable;
  const memoryMiB = Math.floor((memoryBytes + hugePages2MiBytes) / MIB);
  const { words, commands } = setAside(
    need + others.hugePages2MiBytes,
    memoryMiB === 0 ? undefined : memoryMiB,
    system.family,
  );
  // The kernel may have more than the kubelet has counted, which nobody may take away.
  const careful = commands.some((command) => command.startsWith('sudo sysctl'))
    ? mend(`${words} Never set fewer than there are.`, 'grep HugePages_Total /proc/meminfo', ...commands)
    : { words, commands };
  return fail(seen, `${mebibytes(need)} ${forWhom(hosted)}`, careful);
}

function offered({ free }: NodeSubject): string {
  return `${mebibytesLeft(free.hugePages2MiBytes)} offered by the kubelet`;
}

/** Sets so many bytes aside, now and at each boot. */
function setAside(bytes: number, memoryMiB: Observed<number> | undefined, family: Family | undefined): Mend {
  const pages = Math.ceil(bytes / (2 * MIB));
  if (memoryMiB !== undefined && isKnown(memoryMiB) && pages * 2 > memoryMiB * MOST_OF_MEMORY) {
    return mend(
      `Choose a node with more memory: ${mebibytes(pages * 2 * MIB)} of huge pages do not fit into ${mebibytesLeft(memoryMiB * MIB)}.`,
    );
  }
  switch (family) {
    case 'rhcos':
      return mend(
        'Set the pages aside at boot; the nodes reboot one after another.',
        machineConfig('90-weka-huge-pages', [
          `kernelArguments: [default_hugepagesz=2M, hugepagesz=2M, hugepages=${pages}]`,
        ]),
      );
    case 'cos':
      return mend(
        'Set the pages aside in the system configuration of the node pool; its nodes are made anew.',
        `printf 'linuxConfig:\\n  hugepageConfig:\\n    hugepage_size2m: ${pages}\\n' > weka-pool.yaml`,
        'gcloud container node-pools update POOL --cluster CLUSTER --system-config-from-file weka-pool.yaml',
      );
    case 'nixos':
      return mend(
        `Add "vm.nr_hugepages" = ${pages} to boot.kernel.sysctl, rebuild the system, and restart the kubelet.`,
      );
    default:
      return mend(
        'Set the pages aside, also for the next boot, and let the kubelet count them; reboot where memory is too scattered.',
        `sudo sysctl -w vm.nr_hugepages=${pages}`,
        `echo 'vm.nr_hugepages = ${pages}' | sudo tee /etc/sysctl.d/99-weka.conf`,
        'sudo systemctl restart kubelet',
      );
  }
}
