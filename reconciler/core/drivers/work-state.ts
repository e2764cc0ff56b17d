import { RUNNING_KERNEL_ONLY } from '../../../schemas/drivers/result.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import { willRun } from './build-place.ts';
import type { DriverCell } from './drivers.ts';
import { knownKernel, type Situation } from './situation.ts';
import type { LiveWork } from './works.ts';

/** What a pod at work makes of its cell. */
export function workState(work: LiveWork): Pick<DriverCell, 'state' | 'code' | 'why' | 'hint' | 'lastLines'> {
  const under = work.does === 'fetch' ? 'fetching' : 'building';
  const { result, why, phase } = work;
  if (result?.result === 'failed' && result.code === RUNNING_KERNEL_ONLY) {
    const { code, message, hint } = result;
    return { state: 'coming', code, why: message, ...(hint === undefined ? {} : { hint }) };
  }
  if (result?.result === 'failed') {
    const { code, message, hint, lastLines } = result;
    return {
      state: phase === 'running' ? under : 'failed',
      code,
      why: `${phase === 'running' ? 'Tried again after it failed' : 'It failed'} with ${code}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      ...(lastLines === undefined || lastLines.length === 0 ? {} : { lastLines }),
    };
  }
  if (result?.result === 'published' && publishedBy(work) === undefined) {
    return { state: 'failed', why: 'It has published something else than it was made for.' };
  }
  const isFailed = why !== undefined && phase !== 'running' && (work.isLost || why.startsWith('It ended'));
  return { state: isFailed ? 'failed' : under, ...(why === undefined ? {} : { why }) };
}

/** Why a pod that has published nothing yet has to be made anew, in one sentence; undefined where it goes on. */
export function againReason(
  work: LiveWork,
  situation: Pick<Situation, 'nodes' | 'kernels' | 'reports'>,
  target: DriverTarget,
): string | undefined {
  if (work.isGoing) return undefined;
  if (work.isLost) return `It ended before it was done: ${work.why ?? 'nobody says why.'}`;
  // Who fetches can do so from anywhere.
  if (work.does !== 'build') return undefined;
  const { node } = work;
  if (node === undefined) return undefined;
  if (situation.nodes.every(({ name }) => name !== node)) return `Its node ${node} is gone.`;
  const kernel = knownKernel(situation, node);
  if (kernel === undefined || kernel.kernel === target.kernel) return onlyNow(work, situation, target);
  if (work.order.isAhead !== true) return `Its node ${node} runs ${kernel.kernel} by now.`;
  if (situation.reports.has(node) && !willRun(situation, node, target))
    return `Its node ${node} will not run ${target.kernel} any more.`;
  return onlyNow(work, situation, target);
}

/** Why what could not be built before a node ran the kernel can be built now. */
function onlyNow(
  { result }: LiveWork,
  situation: Pick<Situation, 'nodes' | 'kernels'>,
  { kernel, architecture }: DriverTarget,
): string | undefined {
  if (result?.result !== 'failed' || result.code !== RUNNING_KERNEL_ONLY) return undefined;
  const runs = situation.nodes.find(({ name }) => {
    const known = knownKernel(situation, name);
    return known?.kernel === kernel && known.architecture === architecture;
  });
  return runs === undefined
    ? undefined
    : `It could build only for a kernel that runs, and ${runs.name} runs it by now.`;
}

/** Whether what a pod published is what it was made for. */
export function publishedBy(work: LiveWork): LiveWork['order']['package'] {
  const { result, order } = work;
  if (result?.result !== 'published') return undefined;
  const { package: made } = result;
  if (order.target !== undefined && targetKey(order.target) !== targetKey(made)) return undefined;
  // Whoever fetches brings what it was told, or nothing.
  if (order.does === 'fetch' && order.package?.sha256 !== made.sha256) return undefined;
  return made;
}
