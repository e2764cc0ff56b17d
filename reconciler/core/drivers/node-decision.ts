import type { DriverReport } from '../nodes/driver-report.ts';
import type { Choice } from './choose.ts';
import type { DriverPodWanted, IntentWanted } from './decision.ts';
import type { NodeDrivers } from './drivers.ts';
import { type IntentInput, intentWanted, replaceHeld } from './intents.ts';
import type { LiveIntent } from './live-intent.ts';
import { loadPod } from './load-pods.ts';
import { loadProgress } from './load-progress.ts';
import { stayingPod } from './makers.ts';
import type { NextPackage } from './next-package.ts';
import { loadedDrivers, replacedModules } from './replaced-modules.ts';
import type { ResolvedCell } from './resolve-cell.ts';
import type { Situation } from './situation.ts';
import type { CellSources } from './sources.ts';
import type { LiveWork } from './works.ts';

/** On a manifest: what uses drivers that have to make way is told to let go. */
const DRAIN_DRIVERS = 'weka-gitops.dev/drain-drivers';

interface NodeInput {
  readonly node: string;
  readonly choice: Choice;
  readonly cell: ResolvedCell | undefined;
  /** What it is to keep for a kernel that it will boot. */
  readonly next: NextPackage | undefined;
  /** Why no build can be named for it. */
  readonly unclear: string | undefined;
  readonly situation: Situation;
  readonly intents: ReadonlyMap<string, LiveIntent>;
  readonly sources: CellSources;
}

export interface NodeDecision {
  readonly row: NodeDrivers;
  /** Undefined where the live intent stays as it is. */
  readonly intent?: IntentWanted;
  readonly load?: DriverPodWanted;
}

/**
 * What a node is asked and told of. Where its agent does not say what it runs now, or anything else is not known, it keeps the intent
 * that it has.
 */
export function decideNode(input: NodeInput): NodeDecision {
  const { node, choice, cell, situation, intents } = input;
  const { demand } = choice;
  const report = situation.reports.get(node);
  const live = intents.get(node);
  const work = situation.works.find(({ order }) => order.does === 'load' && order.node === node);
  const load = loadProgress(work, report);
  const about = {
    node,
    owner: demand.owner,
    ...(cell === undefined ? {} : { target: cell.cell.target }),
    ...(report?.drivers === undefined ? {} : { report: report.drivers }),
    ...(load === undefined ? {} : { load }),
  };
  const stays = work === undefined ? undefined : stayingPod(work, demand.ownerId);
  const kept = (why: string | undefined): NodeDecision => ({
    row: { ...about, ...(why === undefined ? {} : { why }) },
    ...(stays === undefined ? {} : { load: stays }),
  });
  const unknown = whyUnknown(input);
  if (unknown !== undefined) return kept(unknown);
  if (report === undefined || cell === undefined) return kept(undefined);
  const loads = work === undefined ? [] : [work];
  if (cell.pinned === undefined || cell.isAwaited) {
    return kept(cell.pinned === undefined ? consentToCome(cell, report, loads) : undefined);
  }
  const { pinned, want } = cell;
  const from = input.sources.of(cell);
  if ('why' in from) return kept(from.why);
  const replaced = replacedModules(report, pinned.package, loads);
  const annotations = situation.demands.specs.get(demand.ownerId)?.manifest.metadata.annotations;
  const asked: IntentInput = {
    node,
    namespace: situation.input.agentNamespace,
    demand,
    pinned,
    from,
    live,
    answered: report.intentGeneration,
    replaced,
    mayDrain: annotations?.[DRAIN_DRIVERS] === 'true',
    again: cell.again.has(node),
    next: input.next,
    consents: situation.input.consents,
  };
  const intent = intentWanted(asked);
  const service = want.service?.key ?? '';
  const replace = replaceHeld(asked);
  const pod = loadPod({ node, demand, service, pinned, live, report, replaced, replace, work });
  return { row: about, intent, ...(pod === undefined ? {} : { load: pod }) };
}

/** What will be asked of people once there is a package: what makes way, they cannot be asked before its digest is known. */
function consentToCome(
  { cell: { target } }: ResolvedCell,
  report: DriverReport,
  loads: readonly LiveWork[],
): string | undefined {
  const loaded = loadedDrivers(report, loads);
  if (loaded === undefined || loaded.version === target.version) return undefined;
  return `It has ${loaded.version} loaded. The Approval to replace that is asked for once the package of ${target.version} is there, since it names its digest.`;
}

/** Why nothing new is asked of the node, in one sentence. */
function whyUnknown({ node, unclear, situation, intents, choice }: NodeInput): string | undefined {
  const kernel = situation.kernels.get(node);
  if (kernel === undefined) return `Nothing is known of ${node}.`;
  if ('why' in kernel) return kernel.why;
  if (unclear !== undefined) return unclear;
  const owner = intents.get(node)?.drivers?.owner;
  const others = situation.demands.byNode.get(node) ?? [];
  // What asked for the drivers that the node has may be in the manifest that cannot be read.
  const isLost =
    owner !== undefined && owner !== choice.demand.owner && others.every((each) => each.owner !== owner);
  if (situation.hasErrors && isLost) {
    return `It keeps what ${owner} asked for while manifests have errors: that one is not among those that could be read.`;
  }
  if (!kernel.counts) return `No agent has reported on ${node} yet, so that it is asked for nothing.`;
  return undefined;
}
