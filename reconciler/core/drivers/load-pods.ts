import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { DriverReport } from '../nodes/driver-report.ts';
import type { DriverPodWanted } from './decision.ts';
import type { DriverDemand } from './drivers.ts';
import type { LiveIntent } from './live-intent.ts';
import type { PinnedPackage } from './lock.ts';
import { stayingPod } from './makers.ts';
import type { Replaced } from './replaced-modules.ts';
import type { LiveWork } from './works.ts';

interface LoadInput {
  readonly node: string;
  readonly demand: DriverDemand;
  readonly service: string;
  readonly pinned: PinnedPackage;
  readonly live: LiveIntent | undefined;
  readonly report: DriverReport;
  readonly replaced: Replaced;
  /** What may become of it by a consent that holds. */
  readonly replace: DriversIntent['replace'];
  /** The pod that loads on this node, where there is one. */
  readonly work: LiveWork | undefined;
}

/**
 * The pod in which the vendor's command loads one of its closed packages on a node: once the agent has verified the package by its
 * intent, and in each boot once. Where modules would have to go for it, only if the intent was allowed to replace them.
 */
export function loadPod(input: LoadInput): DriverPodWanted | undefined {
  const { node, demand, service, pinned, live, report, replaced, replace, work } = input;
  const { package: about } = pinned;
  const stays = work && stayingPod(work, demand.ownerId);
  const { drivers, observed } = report;
  const isReady =
    about.layout === 'vendor' &&
    live?.drivers?.package.sha256 === about.sha256 &&
    drivers?.state === 'vendor' &&
    drivers.wanted?.sha256 === about.sha256;
  const isAllowed = !replaced.replaces || replace !== 'never';
  if (!isReady || !isAllowed) return stays;
  const again = work && reasonAgain(work, pinned, replace, observed);
  if (work !== undefined && again === undefined) return stays;
  const { version, kernel, architecture, buildId } = about;
  return {
    does: 'load',
    service,
    target: { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) },
    node,
    owner: demand.ownerId,
    image: demand.loaderImage ?? demand.image,
    ...(demand.imagePullSecret === undefined ? {} : { imagePullSecret: demand.imagePullSecret }),
    ...(demand.buildId === undefined ? {} : { buildId: demand.buildId }),
    package: about,
    ...(replace === 'never' ? {} : { replace }),
    ...(work === undefined ? {} : { live: work.pod }),
    ...(again === undefined ? {} : { again }),
  };
}

function reasonAgain(
  { order, result, isLost, isGoing, why }: LiveWork,
  { package: about }: PinnedPackage,
  replace: DriversIntent['replace'],
  { bootId }: DriverReport['observed'],
): string | undefined {
  if (isGoing) return undefined;
  if (order.package?.sha256 !== about.sha256)
    return `It was for ${order.package?.file ?? 'another package'}.`;
  if (isLost) return `It ended before it was done: ${why ?? 'nobody says why.'}`;
  if (result?.result === 'loaded' && isKnown(bootId) && result.bootId !== bootId) {
    return 'The node has booted since, and has none of the modules any more.';
  }
  if (result?.result === 'failed' && (order.replace ?? 'never') !== replace) {
    return 'What may become of other modules that are loaded is decided otherwise by now.';
  }
  return undefined;
}
