import { DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import type { ObjectId } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { buildIdFor } from './build-id.ts';
import type { DriverDemand, DriverService } from './drivers.ts';
import type { NodeKernel } from './node-kernel.ts';
import { orderedTarget } from './pins.ts';

/** One build that somebody needs of a service. */
export interface Need {
  readonly service: DriverService | undefined;
  /** What has to be built, and after it what others call the same: packages for Ubuntu 24 that are not of this cluster. */
  readonly targets: Targets;
  /** The same where builders of this cluster make it. */
  readonly ownTargets: Targets;
  /** Nodes that need it now. */
  readonly nodes: readonly string[];
  /** Image of WEKA whose drivers these are, and what it is pulled with. */
  readonly image: string;
  readonly imagePullSecret?: string;
  readonly buildId?: string;
  /** Who asks: `WekaCluster weka/demo`, and where that stands. */
  readonly owner: string;
  readonly ownerId: ObjectId;
  readonly source: string;
  /** Whether nodes have only the headers for it yet. */
  readonly isComing?: true;
}

/** The first is what it is called by; each of the others may be loaded in its place. */
export type Targets = readonly [DriverTarget, ...DriverTarget[]];

/** What targets come of. */
interface TargetInput {
  readonly version: string;
  readonly kernel: Pick<NodeKernel, 'kernel' | 'architecture' | 'os'>;
  readonly explicit: string | undefined;
  /** Whether the service is one of this cluster. */
  readonly isInCluster: boolean;
}

/** What a node needs of a service; or why that cannot be said, in one sentence. */
export function targetsFor({
  version,
  kernel: { kernel, architecture, os },
  explicit,
  isInCluster,
}: TargetInput): Targets | { readonly why: string } {
  const ids = (isInCluster ? [false, true] : [true]).map((isExternal) =>
    buildIdFor({ explicit, os, isExternal }),
  );
  const targets: DriverTarget[] = [];
  for (const id of ids) {
    if ('why' in id) return id;
    const target = DriverTarget.safeParse({ version, kernel, architecture, ...id });
    if (!target.success)
      return { why: 'Its kernel, or the version of WEKA, has a name that no package can have.' };
    if (targets.every((each) => targetKey(each) !== targetKey(target.data)))
      targets.push(orderedTarget(target.data));
  }
  return targets as unknown as Targets;
}

/** What nodes need, each build once, in the order of services and targets; and why nothing can be said of others. */
export function needsOf(
  wanted: Iterable<{ readonly demand: DriverDemand; readonly kernel: NodeKernel; readonly isComing?: true }>,
): { readonly needs: readonly Need[]; readonly unclear: ReadonlyMap<string, string> } {
  const needs = new Map<string, Need & { nodes: string[] }>();
  const unclear = new Map<string, string>();
  for (const { demand, kernel, isComing } of wanted) {
    const { service, node, version, image, buildId, imagePullSecret, owner, ownerId, source } = demand;
    const about = { version, kernel, explicit: buildId };
    const targets = targetsFor({ ...about, isInCluster: service?.inCluster !== undefined });
    const ownTargets = targetsFor({ ...about, isInCluster: true });
    if ('why' in targets || 'why' in ownTargets) {
      if (isComing !== true)
        unclear.set(node, 'why' in targets ? targets.why : 'why' in ownTargets ? ownTargets.why : '');
      continue;
    }
    const key = needKey(service, [...targets, ...ownTargets]);
    const known = needs.get(key);
    if (known !== undefined) {
      if (isComing === true && known.isComing !== true) continue;
      known.nodes.push(node);
      continue;
    }
    needs.set(key, {
      service,
      targets,
      ownTargets,
      nodes: [node],
      image,
      ...(imagePullSecret === undefined ? {} : { imagePullSecret }),
      ...(buildId === undefined ? {} : { buildId }),
      owner,
      ownerId,
      source,
      ...(isComing === true ? { isComing } : {}),
    });
  }
  const sorted = [...needs].toSorted(([a], [b]) => compareText(a, b)).map(([, need]) => need);
  return { needs: sorted, unclear };
}

function needKey(service: DriverService | undefined, targets: readonly DriverTarget[]): string {
  return [service?.key ?? '', ...targets.map(targetKey)].join(' ');
}
