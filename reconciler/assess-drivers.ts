import type { DriversLock } from './core/drivers/lock.ts';
import { CONSENT } from './core/drivers/live-intent.ts';
import { decideDrivers, driverQuestions } from './core/drivers/decide.ts';
import type { DriverNode, DriversDecision, DriversInput, RegistryAnswers } from './core/drivers/decision.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import { type DriverPodsContext, withDriverPods } from './core/desired/driver-pods.ts';
import { intentObjects } from './core/desired/intent-objects.ts';
import { withWorkConsent } from './core/desired/work-consent.ts';
import { applySetId } from './core/desired/ownership.ts';
import { nodeLabelObjects } from './core/desired/drivers-policy.ts';
import { type KubeObject, objectId, type ObjectId } from './core/kube/object.ts';
import { AGENT_NAMESPACE } from './core/nodes/agent-report.ts';
import { intendedNode } from './core/nodes/intended-node.ts';
import type { ParsedSpecs } from './core/spec/parse.ts';
import type { Finding } from './core/spec/finding.ts';
import { lostLockFindings } from './core/drivers/recovered-lock.ts';
import type { ApprovalBook } from './core/plan/approvals/book.ts';
import { driverConsents, type RequestBeside } from './core/plan/approvals/driver-consents.ts';
import { acceptancesBeside, requestsToCome } from './core/plan/approvals/driver-requests.ts';
import type { ApprovalRequest } from './core/plan/approvals/request.ts';
import { isIntent } from './core/plan/driver-objects.ts';
import { DriverLockError, type KnownLock } from './driver-lock.ts';
import type { ReconcilerError } from './errors.ts';
import type { DriverRegistry, Interruptible, Live } from './ports.ts';
import type { Installation } from './recorder.ts';
import { type DriversRead, intentsGap } from './read-drivers.ts';

/** What a pass does about drivers, and by what. */
export interface DriversAssessed {
  readonly decision: DriversDecision;
  readonly known: KnownLock;
  readonly nodes: DriversRead['nodes'];
  /** What has to be written before anything rests on it; undefined where nothing new is pinned. */
  readonly lock: DriversLock | undefined;
  readonly findings: readonly Finding[];
  /** In how long a registry may say something else than now, or what could not be read may be. */
  readonly askAgainMs: number | undefined;
  /** Consent to what nodes are still to do, whether the plan has got to them or not. */
  requests(cluster: string): readonly ApprovalRequest[];
  /** Consent that is asked for beside the changes: to packages in place of trusted ones. */
  beside(cluster: string): readonly RequestBeside[];
  /** What registries were asked, and what they said. */
  readonly answers: RegistryAnswers;
}

interface DriversDecided extends Interruptible {
  readonly specs: Pick<ParsedSpecs, 'specs' | 'settings' | 'findings' | 'broken'>;
  readonly live: Live;
  readonly installation: Installation;
  readonly commit: string;
  readonly registry: DriverRegistry | undefined;
  /** Registries that the process's configuration lets packages come from; the vendor's alone where unset. */
  readonly registries: readonly string[] | undefined;
  /** What people have consented to. */
  readonly book: ApprovalBook;
  /** What findings without a place in a file are told at. */
  readonly ref: string;
}

/** What is to be done about drivers, after registries were asked what they have. */
export async function assessDrivers(
  { known, nodes }: DriversRead,
  { specs, live, installation, commit, registry, registries, book, ref, signal }: DriversDecided,
): Promise<DriversAssessed> {
  const { agentNamespace = AGENT_NAMESPACE } = installation;
  const gap = intentsGap(live, installation);
  const error = known.error ?? (known.lock === undefined ? new DriverLockError(installation) : undefined);
  const why = error?.message ?? gap?.why;
  const isPassing = error === undefined || error.retry === 'next-pass';
  const unread = why === undefined ? nodes : { unread: why, isPassing };
  const input: DriversInput = {
    specs,
    nodes: unread,
    lock: known.lock ?? { schemaVersion: 1, packages: [] },
    live: live.objects,
    intents: intentsOf(live.objects, agentNamespace),
    settings: specs.settings.spec,
    registries,
    consents: driverConsents(book),
    agentNamespace,
    commit,
    applySet: applySetId(installation),
    ...(known.ca === undefined ? {} : { ca: known.ca }),
  };
  const questions = driverQuestions(input);
  const answers: RegistryAnswers =
    questions.length === 0 || registry === undefined ? new Map() : await registry.ask(questions, { signal });
  const decision = decideDrivers({ ...input, answers });
  return {
    decision,
    known,
    nodes,
    lock: error !== undefined || decision.lock === input.lock ? undefined : decision.lock,
    findings: [
      ...decision.findings,
      ...(error === undefined ? [] : [lockFinding(error, ref)]),
      ...lostLockFindings(decision, ref),
    ],
    askAgainMs: isUnreadForNow(input.nodes)
      ? UNREAD_AGAIN_MS
      : earliest(askAgainMs(answers), consentEndMs(input)),
    requests: (cluster) => requestsToCome(decision.seen, cluster),
    beside: (cluster) => acceptancesBeside(decision.offered, cluster, agentNamespace),
    answers,
  };
}

/** Nobody wrote it into a manifest, so it has no other place. */
function lockFinding({ message, hint, code }: ReconcilerError, ref: string): Finding {
  return {
    level: 'error',
    rule: 'drivers-lock',
    file: ref,
    line: 1,
    column: 1,
    message: `${message} (${code})`,
    ...(hint === undefined ? {} : { hint }),
  };
}

const UNREAD_AGAIN_MS = 60_000;

function isUnreadForNow(nodes: DriversInput['nodes']): boolean {
  return nodes !== undefined && 'unread' in nodes && nodes.isPassing;
}

/** One that did not answer may do so soon; what one does not have may come to be there. */
function askAgainMs(answers: RegistryAnswers): number | undefined {
  const states = new Set([...answers.values()].map(({ state }) => state));
  if (states.has('unknown')) return 2 * 60_000;
  return states.has('has-not') ? 10 * 60_000 : undefined;
}

/** No timer is set for longer. */
const DAY_MS = 24 * 3_600_000;

/** In how long the first of the consents ends by which loaded modules may make way: intents say so no longer then. */
function consentEndMs({ intents, consents }: DriversInput): number | undefined {
  const digests = new Set(
    [...intents.values()].flatMap((each) => each.metadata.annotations?.[CONSENT] ?? []),
  );
  return [...digests].reduce<number | undefined>(
    (first, digest) => earliest(first, consents?.endsInMs(digest)),
    undefined,
  );
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  const known = [one, other].filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(DAY_MS, ...known);
}

function intentsOf(
  objects: ReadonlyMap<ObjectId, KubeObject>,
  agentNamespace: string,
): ReadonlyMap<string, KubeObject> {
  const intents = new Map<string, KubeObject>();
  for (const object of objects.values()) {
    const node = isIntent(object, agentNamespace) ? intendedNode(object.metadata.name) : undefined;
    if (node !== undefined) intents.set(node, object);
  }
  return intents;
}

/** What the manifests ask for, with what follows from it for drivers: pods, what is asked of nodes, and their labels. */
export function withDrivers(
  desired: readonly DesiredObject[],
  { decision, nodes }: DriversAssessed,
  context: DriverPodsContext,
): readonly DesiredObject[] {
  const seen = nodes === undefined || 'unread' in nodes ? [] : nodes.nodes;
  return [
    ...withWorkConsent(
      withDriverPods(desired, decision.pods, {
        ...context,
        builders: decision.builders,
        inUse: decision.inUse,
      }),
    ),
    ...intentObjects(decision.intents, context),
    ...nodeLabelObjects(context.specs, decision.policies, seen),
  ];
}

/** The nodes of which a few fields are ours, as they are known: more than their labels is not. */
export function labelledNodes(
  desired: readonly DesiredObject[],
  nodes: DriversRead['nodes'],
): ReadonlyMap<ObjectId, KubeObject> {
  const partly = new Set(desired.flatMap(({ id, partly: isPartly }) => (isPartly === true ? [id] : [])));
  if (partly.size === 0 || nodes === undefined || 'unread' in nodes) return new Map();
  const objects = nodes.nodes.map((node) => nodeObject(node));
  return new Map(
    objects.map((object) => [objectId(object), object] as const).filter(([id]) => partly.has(id)),
  );
}

function nodeObject({ name, labels }: Pick<DriverNode, 'name' | 'labels'>): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}
