import { firstFew } from '../lint/facts/shortages.ts';
import { type CellWant, isFor } from './cell-wants.ts';
import type { DriverPodWanted, RegistryAnswers } from './decision.ts';
import { serviceHost } from './driver-service.ts';
import type { DriverCell } from './drivers.ts';
import type { LiveIntent } from './live-intent.ts';
import type { PinnedPackage } from './lock.ts';
import type { Makers } from './makers.ts';
import { registryLacks } from './missing-words.ts';
import { missingAt } from './missing-packages.ts';
import type { Offer } from './offers.ts';
import type { Pins } from './pins.ts';
import { cellQuestion } from './questions.ts';
import type { Situation } from './situation.ts';
import { againReason, publishedBy, workState } from './work-state.ts';
import type { LiveWork } from './works.ts';

/** A cell of the matrix with what follows from it. */
export interface ResolvedCell {
  readonly want: CellWant;
  readonly cell: DriverCell;
  readonly pinned?: PinnedPackage;
  /** Set where nobody knows which of several packages was pinned: a person has to choose. */
  readonly isInDoubt?: true;
  /** Whether the service has not got the pinned package yet, so that no node is asked to load it. */
  readonly isAwaited: boolean;
  readonly pods: readonly DriverPodWanted[];
  /** Nodes whose agents shall look again for a package that they could not have, and that is there by now. */
  readonly again: ReadonlySet<string>;
}

interface CellContext {
  readonly situation: Situation;
  readonly answers: RegistryAnswers;
  readonly intents: ReadonlyMap<string, LiveIntent>;
  readonly pins: Pins;
  readonly makers: Makers;
  /** What is offered in place of trusted packages, by the keys of cells. */
  readonly offers: ReadonlyMap<string, Offer>;
}

type Said = Pick<DriverCell, 'state' | 'code' | 'why' | 'hint' | 'lastLines'>;

/** How far the package of a cell is, and what pods it takes. */
export function resolveCell(want: CellWant, context: CellContext): ResolvedCell {
  const { situation, answers, pins, makers } = context;
  const { service, targets } = want;
  const works = situation.works.filter((work) => isFor(work, want));
  const pinned = service && pins.find(service.key, targets);
  const question = cellQuestion(want, pins, situation.input.settings.drivers.registry);
  const answer = question && answers.get(question.key);
  if (pinned !== undefined) return ofPinned(want, pinned, works, context);
  const doubtful = service === undefined ? [] : pins.doubtful(service.key, targets);
  if (doubtful.length > 0) {
    const pods = works.filter((work) => !work.isLost).flatMap((work) => makers.stay(work, want) ?? []);
    return { ...resolved(want, inDoubt(doubtful), { pods }), isInDoubt: true };
  }
  const offer = context.offers.get(want.key);
  const direct = service !== undefined && service.inCluster === undefined;
  if (direct) return resolved(want, answer?.state === 'has' ? FULL : registryLacks(want, answer, situation));
  // What was accepted is fetched in place of what was to be.
  const stale =
    offer === undefined ? undefined : works.find(({ order }) => order.package?.sha256 === offer.sha256);
  if (offer?.accepted !== undefined && stale !== undefined) {
    const made = makers.make(want, answer, { work: stale, again: OTHER_ACCEPTED });
    return resolved(want, made.said, { pods: made.pods });
  }
  const published = works.find((each) => publishedBy(each) !== undefined);
  if (published !== undefined) {
    const stays = makers.stay(published, want);
    return resolved(want, offer === undefined ? FULL : changed(offer, false), {
      pods: stays === undefined ? [] : [stays],
    });
  }
  const unpublished = works.filter((work) => publishedBy(work) === undefined);
  const [work] = unpublished.toSorted((a, b) => Number(a.isLost) - Number(b.isLost));
  if (work === undefined) {
    const made = makers.make(want, answer);
    return resolved(want, made.said, { pods: made.pods });
  }
  const again = againReason(work, situation, targets[0]);
  if (again === undefined) {
    const pods = unpublished.filter((each) => !each.isLost).flatMap((each) => makers.stay(each, want) ?? []);
    return resolved(want, offer === undefined ? workState(work) : changed(offer, false), { pods });
  }
  const made = makers.make(want, answer, { work, again });
  // Where nothing can be made in its place, it stays and says why.
  if (made.pods.length > 0) return resolved(want, made.said, { pods: made.pods });
  const stays = work.isLost ? undefined : makers.stay(work, want);
  return resolved(want, made.said, { pods: stays === undefined ? [] : [stays] });
}

const OTHER_ACCEPTED = 'Another package was accepted in place of what it was for.';

const FULL: Said = {
  state: 'failed',
  why: 'The package cannot be pinned, and nothing is loaded that is not: the lock of drivers is full, or where it comes from is longer than 600 characters.',
  hint: 'Delete entries of old versions from drivers.lock in the ConfigMap of the drivers.',
};

/** What is told of a package with other bytes, until a person accepts it. */
function changed({ who, sha256, package: { sha256: other } }: Offer, isPinned: boolean): Said {
  const old = isPinned ? 'which was pinned; the pinned one goes on being used' : 'which was to be fetched';
  return {
    state: 'changed',
    why: `${who} has ${short(other)} in place of ${short(sha256)}, ${old}.`,
    hint: 'Find out why it is another; to have it used, commit the Approval accept-driver-package that weka-gitops plan prints.',
  };
}

/** What is told where the lock was lost, and nodes were asked for different packages. */
function inDoubt(doubtful: readonly PinnedPackage[]): Said {
  const digests = doubtful.map(({ package: { sha256 } }) => short(sha256));
  return {
    state: 'changed',
    why: `The lock was lost, and nodes were asked for ${digests.join(' and ')}: which of them was pinned, nobody knows, and nodes keep what they were asked for.`,
    hint: 'Compare with drivers.lock in the history of the status branch; to have one of them used, commit its Approval accept-driver-package that weka-gitops plan prints.',
  };
}

function ofPinned(
  want: CellWant,
  pinned: PinnedPackage,
  works: readonly LiveWork[],
  context: CellContext,
): ResolvedCell {
  const { situation, intents, makers } = context;
  const { package: about, origin } = pinned;
  const present: Said =
    origin.kind === 'unknown'
      ? { state: 'pre-built', why: 'Where it came from, nobody knows since the lock was lost.' }
      : { state: origin.kind === 'builder' ? 'built' : 'pre-built' };
  const staying = works
    .filter((work) => !work.isLost && againReason(work, situation, want.targets[0]) === undefined)
    .flatMap((work) => makers.stay(work, want) ?? []);
  const offer = context.offers.get(want.key);
  if (offer !== undefined && offer.accepted === undefined) {
    return resolved(want, changed(offer, true), { pinned, pods: staying });
  }
  const bringing = broughtAnew(want, pinned, works, context);
  if (bringing !== undefined) return bringing;
  const missing = missingAt(situation, intents, want.nodes, about.sha256);
  if (missing.length === 0) return resolved(want, present, { pinned, pods: staying });
  const where = firstFew(missing, ({ node }) => node);
  const lost = `The service has it no more, say the agents of ${where}.`;
  if (want.service?.inCluster === undefined) {
    const hint =
      'See that the service offers it again; another package in its place is used once a person accepts it.';
    return resolved(want, { state: 'failed', why: lost, hint }, { pinned });
  }
  const reports = missing.map(({ report }) => report);
  const does = origin.kind === 'builder' ? 'build' : 'fetch';
  const maker = works.find((work) => origin.kind === 'unknown' || work.does === does);
  const answered = new Set(maker?.order.answers);
  const isAnswered = reports.every((report) => answered.has(report));
  if (maker !== undefined && !maker.isLost && (isAnswered || publishedBy(maker) === undefined)) {
    const isDone = publishedBy(maker) !== undefined;
    return resolved(want, isDone ? present : workState(maker), {
      pinned,
      pods: staying,
      again: isDone ? missing.map(({ node }) => node) : [],
    });
  }
  const made = makers.makeAgain(want, pinned, {
    answers: reports,
    ...(maker === undefined ? {} : { work: maker, again: lost }),
  });
  const said = made.pods.length === 0 ? made.said : { ...made.said, why: lost };
  return resolved(want, said, { pinned, pods: made.pods.length > 0 ? made.pods : staying });
}

/**
 * How far an accepted package of a registry is on its way into a service of this cluster, which has the one that was given up under the
 * same name; undefined where it is there, or is to be had elsewhere.
 */
function broughtAnew(
  want: CellWant,
  pinned: PinnedPackage,
  works: readonly LiveWork[],
  context: CellContext,
): ResolvedCell | undefined {
  const { makers } = context;
  const { origin, accepted, package: about } = pinned;
  const isBrought =
    accepted !== undefined && origin.kind === 'registry' && want.service?.inCluster !== undefined;
  if (!isBrought) return undefined;
  const fetches = works.filter(({ does }) => does === 'fetch');
  if (fetches.some((work) => publishedBy(work)?.sha256 === about.sha256)) return undefined;
  // Pods that have ended may be gone.
  if (hasComeThence(want, about.sha256, context)) return undefined;
  const work = fetches.find(({ order }) => order.package?.sha256 === about.sha256) ?? fetches[0];
  const isUnderWay = work?.order.package?.sha256 === about.sha256 && !work.isLost;
  if (isUnderWay) {
    const stays = makers.stay(work, want);
    return resolved(want, workState(work), {
      pinned,
      pods: stays === undefined ? [] : [stays],
      isAwaited: true,
    });
  }
  const place = work === undefined ? {} : { work, again: work.isLost ? LOST : OTHER_ACCEPTED };
  const made = makers.makeAgain(want, pinned, place);
  return resolved(want, made.said, { pinned, pods: made.pods, isAwaited: true });
}

/** Whether a node that was sent to this service for a package has it. */
function hasComeThence(
  { service, nodes }: CellWant,
  sha256: string,
  { situation, intents }: Pick<CellContext, 'situation' | 'intents'>,
): boolean {
  const { inCluster } = service ?? {};
  if (inCluster === undefined) return false;
  const host = serviceHost(inCluster);
  return nodes.some((node) => {
    const asked = intents.get(node)?.drivers;
    const its = situation.reports.get(node)?.drivers;
    const has = its?.loaded?.sha256 === sha256 || its?.cached.includes(sha256) === true;
    return (
      has && asked?.package.sha256 === sha256 && asked.from.some(({ serverName }) => serverName === host)
    );
  });
}

const LOST = 'It ended before it was done.';

/** The beginning of a digest, by which people tell two apart. */
export function short(sha256: string): string {
  return `sha256:${sha256.slice(0, 12)}…`;
}

function resolved(
  want: CellWant,
  said: Said,
  {
    pinned,
    pods = [],
    again = [],
    isAwaited = false,
  }: {
    readonly pinned?: PinnedPackage;
    readonly pods?: readonly DriverPodWanted[];
    readonly again?: readonly string[];
    readonly isAwaited?: boolean;
  } = {},
): ResolvedCell {
  const { service, targets, nodes, isComing } = want;
  const { state, code, why, hint, lastLines } = said;
  const cell: DriverCell = {
    service,
    target: targets[0],
    nodes,
    state: isComing && state === 'missing' ? 'coming' : state,
    ...(code === undefined ? {} : { code }),
    ...(why === undefined ? {} : { why }),
    ...(hint === undefined || (isComing && state === 'missing') ? {} : { hint }),
    ...(pinned === undefined ? {} : { package: pinned.package }),
    ...(lastLines === undefined ? {} : { lastLines }),
  };
  return { want, cell, ...(pinned === undefined ? {} : { pinned }), isAwaited, pods, again: new Set(again) };
}
