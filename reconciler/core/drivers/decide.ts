import type { ObjectId } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { allNeeds, allWants, atWork } from './all-wants.ts';
import { firstPlace } from './cell-wants.ts';
import { describeAgainst } from './choose.ts';
import { conflictFindings } from './conflict-findings.ts';
import type {
  DriverPodWanted,
  DriversDecision,
  DriversInput,
  RegistryAnswers,
  RegistryQuestion,
} from './decision.ts';
import type { DriversSeen } from './drivers.ts';
import { keptIntents } from './intents.ts';
import { liveIntents } from './live-intent.ts';
import type { DriversLock } from './lock.ts';
import { Makers, stayingPod } from './makers.ts';
import { decideNode, type NodeDecision } from './node-decision.ts';
import { acceptances, acceptancesAsked, settleDoubt, settleOffers } from './offers.ts';
import { pinAnswers, pinPublished, settleOrigins } from './pinning.ts';
import { nextPackage } from './next-package.ts';
import { servicesInUse } from './packages-in-use.ts';
import { Pins } from './pins.ts';
import { knownLock, recoveredOf } from './recovered-lock.ts';
import { hasDriverSpecs, policyDrivers } from './policy-drivers.ts';
import { cellQuestion, directQuestion } from './questions.ts';
import { type ResolvedCell, resolveCell } from './resolve-cell.ts';
import { type Situation, situationOf, whyUnseen } from './situation.ts';
import { CellSources } from './sources.ts';
import { liveWorks } from './works.ts';

/** What registries are to be asked before `decideDrivers` decides: each question once, in the order of their keys. */
export function driverQuestions(input: DriversInput): readonly RegistryQuestion[] {
  const situation = seen(input);
  if (situation === undefined) return [];
  const pins = new Pins(knownLock(input));
  const { registry } = input.settings.drivers;
  const { needs } = allNeeds(situation);
  const { wants } = allWants(needs, situation, pins, new Map());
  pinPublished(wants, situation, pins, { commit: input.commit, registry, answers: new Map() });
  const questions = new Map<string, RegistryQuestion>();
  for (const want of wants) {
    const question = cellQuestion(want, pins, registry);
    if (question !== undefined) questions.set(question.key, question);
  }
  // Builders take the place of a registry only where it is known to have nothing.
  for (const { service, targets } of needs) {
    const question = directQuestion(service, targets[0]);
    if (question !== undefined) questions.set(question.key, question);
  }
  return [...questions.values()].toSorted((a, b) => compareText(a.key, b.key));
}

/**
 * What a pass does about drivers: a pure function of what was read, so that the same gives the same bytes. Where nodes could not
 * be seen, everything stays as it is.
 */
export function decideDrivers(input: DriversInput & { readonly answers: RegistryAnswers }): DriversDecision {
  const { answers, commit } = input;
  const situation = seen(input);
  const intents = liveIntents(input.intents);
  const kept = keptIntents(intents);
  if (situation === undefined) return undecided(input, kept);
  const pins = new Pins(knownLock(input));
  const { needs, unclear } = allNeeds(situation);
  const { wants, ofNode } = allWants(needs, situation, pins, answers);
  const { registry } = input.settings.drivers;
  pinPublished(wants, situation, pins, { commit, registry, answers });
  pinAnswers(wants, answers, pins, commit);
  const doubt = settleDoubt(wants, situation, pins);
  settleOrigins(wants, situation, pins, { registry, answers });
  const offers = settleOffers(wants, situation, pins, answers);
  const makers = new Makers(situation, atWork(wants, situation, pins));
  const context = { situation, answers, intents, pins, makers, offers };
  // What nodes need now comes before what they will need, since some builders make one thing at a time.
  const inTurn = wants.toSorted((a, b) => Number(a.isComing) - Number(b.isComing));
  const resolved = new Map(inTurn.map((want) => [want, resolveCell(want, context)]));
  const cells = wants.flatMap((want) => resolved.get(want) ?? []);
  const byKey = new Map(cells.map((cell) => [cell.want.key, cell]));
  const { services, set } = situation;
  const sources = new CellSources({
    ...input,
    isOurs: ({ namespace, name }) =>
      services.has(`${namespace}/${name}`) || set.has('Service', namespace, name),
  });
  const decided = [...situation.choices].map(([node, choice]) => {
    const cell = byKey.get(ofNode.get(node) ?? '');
    const had = intents.get(node)?.drivers?.next;
    const next = cell && nextPackage(node, cell, { cells, sources, reports: situation.reports, had });
    const about = { node, choice, cell, next, unclear: unclear.get(node) };
    const { row, ...rest } = decideNode({ ...about, situation, intents, sources });
    const against = choice.against.map(describeAgainst);
    return { ...rest, row: against.length === 0 ? row : { ...row, against } };
  });
  const changed = new Map(
    decided.flatMap(({ intent }) => (intent === undefined ? [] : [[intent.node, intent]])),
  );
  const all = new Map([...kept.map((intent) => [intent.node, intent] as const), ...changed]);
  const lock = pins.lock();
  const recovered = recoveredOf(lock);
  // What a build in doubt has is on no list, and is not let go either.
  const isComplete = situation.isComplete && !pins.isDoubtful;
  return {
    seen: {
      cells: cells.map(({ cell }) => cell),
      nodes: decided.map(({ row }) => row),
      ...lockSeen(lock),
    },
    intents: [...all.values()].toSorted((a, b) => compareText(a.node, b.node)),
    pods: allPods(cells, decided, situation),
    builders: new Set(
      situation.builders
        .filter((each) => each.kind === 'container' && firstPlace(situation, each) !== undefined)
        .map(({ id }) => id),
    ),
    lock,
    findings: conflictFindings(situation.choices.values(), situation.demands.specs),
    offered: [...acceptancesAsked(wants, offers), ...doubt.asked],
    accepted: [...acceptances(offers), ...doubt.accepted],
    ...(recovered === undefined ? {} : { recovered }),
    policies: policyDrivers(situation),
    inUse: servicesInUse({ lock, cells, intents, situation: { ...situation, isComplete } }),
  };
}

function seen(input: DriversInput): Situation | undefined {
  const { nodes } = input;
  if (whyUnseen(nodes) !== undefined || nodes === undefined || 'unread' in nodes) return undefined;
  return situationOf(input, nodes);
}

function lockSeen({ packages, doubtful }: DriversLock): Pick<DriversSeen, 'lock' | 'doubtful'> {
  return { lock: packages, ...(doubtful === undefined ? {} : { doubtful }) };
}

/** Everything as it is. */
function undecided(input: DriversInput, intents: DriversDecision['intents']): DriversDecision {
  const recovered = recoveredOf(input.lock);
  const unread = hasDriverSpecs(input.specs.specs) ? whyUnseen(input.nodes) : undefined;
  return {
    seen: { cells: [], nodes: [], ...lockSeen(input.lock), ...(unread === undefined ? {} : { unread }) },
    intents,
    pods: liveWorks(input.live, input.applySet).flatMap(asItIs),
    builders: new Set(),
    lock: input.lock,
    findings: [],
    offered: [],
    accepted: [],
    ...(recovered === undefined ? {} : { recovered }),
    policies: new Map(),
  };
}

/**
 * All pods, each once, in the order of what they are for. While a manifest cannot be read, or a node does not say what it runs, those
 * that nobody seems to need stay as well.
 */
function allPods(
  cells: readonly ResolvedCell[],
  decided: readonly NodeDecision[],
  { works, isComplete }: Situation,
): readonly DriverPodWanted[] {
  const all = [
    ...cells.flatMap(({ pods }) => pods),
    ...decided.flatMap(({ load }) => (load === undefined ? [] : [load])),
  ];
  // One that makes way for what its builder makes next is not needed as it was any more.
  const makingWay = new Set(all.flatMap(({ live, again }) => (again === undefined ? [] : [live])));
  const wanted = all.filter(({ live, again }) => again !== undefined || !makingWay.has(live));
  const known = new Set(wanted.map(({ live }) => live));
  const others = works.filter(
    ({ pod, does, phase, isLost }) =>
      !known.has(pod) && !isLost && (!isComplete || (does === 'load' && phase !== 'ended')),
  );
  const pods = new Map([...wanted, ...others.flatMap(asItIs)].map((pod) => [podKey(pod), pod]));
  return [...pods].toSorted(([a], [b]) => compareText(a, b)).map(([, pod]) => pod);
}

function podKey({ does, live, owner, service, target, node }: DriverPodWanted): string {
  const { version, kernel, architecture, buildId = '' } = target;
  const place = does === 'load' ? [node] : [owner, service, version, kernel, architecture, buildId];
  return [does, ...place, live ?? ''].join(' ');
}

function asItIs(work: Situation['works'][number]): readonly DriverPodWanted[] {
  const owner = work.order.owner as ObjectId | undefined;
  const pod = stayingPod(work, owner);
  return pod === undefined ? [] : [pod];
}
