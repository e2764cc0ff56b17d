import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import { firstFew } from '../lint/facts/shortages.ts';
import { isAmong, type CellWant } from './cell-wants.ts';
import type { DriverPodWanted, RegistryAnswers } from './decision.ts';
import type { DriverCell, RegistryAnswer } from './drivers.ts';
import type { LiveIntent } from './live-intent.ts';
import type { PinnedPackage } from './lock.ts';
import type { Makers } from './makers.ts';
import { registryLacks } from './missing-words.ts';
import { missingAt } from './missing-packages.ts';
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
  if (pinned !== undefined) return ofPinned(want, pinned, works, answer, context);
  const direct = service !== undefined && service.inCluster === undefined;
  if (direct) return resolved(want, answer?.state === 'has' ? FULL : registryLacks(want, answer, situation));
  const published = works.find((each) => publishedBy(each) !== undefined);
  if (published !== undefined) {
    const stays = makers.stay(published, want);
    return resolved(want, changedMeanwhile(published, answer) ?? FULL, {
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
    return resolved(want, changedMeanwhile(work, answer) ?? workState(work), { pods });
  }
  const made = makers.make(want, answer, { work, again });
  // Where nothing can be made in its place, it stays and says why.
  if (made.pods.length > 0) return resolved(want, made.said, { pods: made.pods });
  const stays = work.isLost ? undefined : makers.stay(work, want);
  return resolved(want, made.said, { pods: stays === undefined ? [] : [stays] });
}

const FULL: Said = {
  state: 'failed',
  why: 'The lock of drivers is full, so that nothing more is pinned, and nothing is loaded that is not.',
  hint: 'Delete entries of old versions from drivers.lock in the ConfigMap of the drivers.',
};

/** A registry that has other bytes by now than those that are being fetched. */
function changedMeanwhile(work: LiveWork, answer: RegistryAnswer | undefined): Said | undefined {
  const { package: asked } = work.order;
  if (asked === undefined || answer?.state !== 'has' || answer.package.sha256 === asked.sha256)
    return undefined;
  return {
    state: 'changed',
    why: `${answer.url} has ${short(answer.package.sha256)} by now, and ${short(asked.sha256)} is what was fetched.`,
    hint: `Find out why; to take the new one, delete the pod ${podName(work)}.`,
  };
}

/** A pod at work that is about this cell. */
export function isFor({ does, service, target }: LiveWork, want: CellWant): boolean {
  return (
    does !== 'load' && service === want.service?.key && target !== undefined && isAmong(want.targets, target)
  );
}

function ofPinned(
  want: CellWant,
  pinned: PinnedPackage,
  works: readonly LiveWork[],
  answer: RegistryAnswer | undefined,
  context: CellContext,
): ResolvedCell {
  const { situation, intents, makers } = context;
  const { package: about, origin } = pinned;
  const present: Said = { state: origin.kind === 'builder' ? 'built' : 'pre-built' };
  const staying = works
    .filter((work) => !work.isLost && againReason(work, situation, want.targets[0]) === undefined)
    .flatMap((work) => makers.stay(work, want) ?? []);
  const other = otherOffer(pinned, works, answer);
  if (other !== undefined) return resolved(want, changed(pinned, other, works), { pinned, pods: staying });
  const missing = missingAt(situation, intents, want.nodes, about.sha256);
  if (missing.length === 0) return resolved(want, present, { pinned, pods: staying });
  const where = firstFew(missing, ({ node }) => node);
  const lost = `The service has it no more, say the agents of ${where}.`;
  if (want.service?.inCluster === undefined) {
    const hint = 'Remove its entry from the lock of drivers, so that it is looked for elsewhere.';
    return resolved(want, { state: 'failed', why: lost, hint }, { pinned });
  }
  const reports = missing.map(({ report }) => report);
  const maker = works.find(({ does }) => does === (origin.kind === 'builder' ? 'build' : 'fetch'));
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

/** A package with other bytes than the pinned one, from where that came from, and who has it. */
function otherOffer(
  { package: about, origin }: PinnedPackage,
  works: readonly LiveWork[],
  answer: RegistryAnswer | undefined,
): { readonly who: string; readonly package: DriverPackage } | undefined {
  for (const work of works) {
    // What a builder makes has other bytes than what a registry has, and neither stands for the other.
    if (work.does !== (origin.kind === 'builder' ? 'build' : 'fetch')) continue;
    const made = publishedBy(work);
    const isSame = made === undefined || targetKey(made) !== targetKey(about) || made.sha256 === about.sha256;
    if (!isSame) return { who: `Pod ${podName(work)}`, package: made };
  }
  if (origin.kind !== 'registry' || answer?.state !== 'has') return undefined;
  const isSame = answer.package.sha256 === about.sha256 || targetKey(answer.package) !== targetKey(about);
  return isSame ? undefined : { who: answer.url, package: answer.package };
}

function changed(
  { package: about }: PinnedPackage,
  { who, package: other }: { readonly who: string; readonly package: DriverPackage },
  works: readonly LiveWork[],
): Said {
  // What they have published would be pinned again.
  const old = works.filter((work) => publishedBy(work)?.sha256 === about.sha256).map(podName);
  const pods =
    old.length === 0 ? '' : `, and ${old.length === 1 ? 'the pod' : 'the pods'} ${old.join(' and ')}`;
  return {
    state: 'changed',
    why: `${who} has ${short(other.sha256)} in place of ${short(about.sha256)}, which was pinned; the pinned one goes on being used.`,
    hint: `Find out why; to take the new one, delete the entry of ${about.file} from drivers.lock in the ConfigMap of the drivers${pods}.`,
  };
}

function podName({ pod }: LiveWork): string {
  return pod.replace(/^v1\/Pod\//, '');
}

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
  }: {
    readonly pinned?: PinnedPackage;
    readonly pods?: readonly DriverPodWanted[];
    readonly again?: readonly string[];
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
  return { want, cell, ...(pinned === undefined ? {} : { pinned }), pods, again: new Set(again) };
}
