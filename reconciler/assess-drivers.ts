import type { DriversLock } from './core/drivers/lock.ts';
import { certificateOf } from './core/drivers/certificates.ts';
import { decideDrivers, driverQuestions } from './core/drivers/decide.ts';
import type { DriverNode, DriversDecision, DriversInput, RegistryAnswers } from './core/drivers/decision.ts';
import { driverService } from './core/drivers/driver-service.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import { DISTRIBUTES } from './core/desired/dist-services.ts';
import { type DriverPodsContext, withDriverPods } from './core/desired/driver-pods.ts';
import { intentObjects } from './core/desired/intent-objects.ts';
import { withWorkConsent } from './core/desired/work-consent.ts';
import { applySetId } from './core/desired/ownership.ts';
import { nodeLabelObjects } from './core/desired/drivers-policy.ts';
import { type GroupKind, type KubeObject, objectId, type ObjectId } from './core/kube/object.ts';
import { AGENT_NAMESPACE } from './core/nodes/agent-report.ts';
import { intendedNode } from './core/nodes/intended-node.ts';
import type { NodesSeen, NodesUnread } from './core/nodes/nodes-seen.ts';
import type { ParsedSpecs, Spec } from './core/spec/parse.ts';
import type { Finding } from './core/spec/finding.ts';
import { requestsToCome } from './core/plan/approvals/driver-requests.ts';
import type { ApprovalRequest } from './core/plan/approvals/request.ts';
import { isIntent } from './core/plan/driver-objects.ts';
import { DriverLockError, type KnownLock, readDriverLock } from './driver-lock.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, DriverRegistry, Interruptible, Live, ReadScope } from './ports.ts';
import type { Installation } from './recorder.ts';

/** What has to be read for drivers besides the objects that manifests ask for. */
export interface DriversScope {
  readonly wanted: readonly KubeObject[];
  readonly besides: NonNullable<ReadScope['besides']>;
}

/** What was read for them. */
export interface DriversRead {
  readonly known: KnownLock & { readonly error?: ReconcilerError };
  /** Undefined where no agent is about; not read where nothing is asked of nodes. */
  readonly nodes: NodesSeen | NodesUnread | undefined;
  readonly isAsked: boolean;
}

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
}

const CONFIG_MAP = 'ConfigMap' as GroupKind;

/** What is to be read for drivers; undefined where no manifest has anything to do with them, and nothing is read. */
export function driversScope(
  { specs }: Pick<ParsedSpecs, 'specs'>,
  { agentNamespace = AGENT_NAMESPACE }: Pick<Installation, 'agentNamespace'>,
): DriversScope | undefined {
  if (!specs.some(asksForDrivers)) return undefined;
  const services = specs.flatMap((spec) => serviceAsked(spec) ?? []);
  return { wanted: services, besides: [{ kind: CONFIG_MAP, namespace: agentNamespace }] };
}

function asksForDrivers(spec: Spec): boolean {
  switch (spec.kind) {
    case 'WekaCluster':
    case 'WekaClient':
      return true;
    case 'WekaPolicy':
      return spec.policy.spec.type === DISTRIBUTES;
    case 'WekaContainer':
      return spec.container.spec.mode === 'drivers-builder';
    default:
      return false;
  }
}

/** The Service of the cluster that a manifest takes drivers from: others may have made it. */
function serviceAsked(spec: Spec): KubeObject | undefined {
  const says =
    spec.kind === 'WekaCluster'
      ? spec.cluster.spec.driversDistService
      : spec.kind === 'WekaClient'
        ? spec.client.spec.driversDistService
        : undefined;
  const metadata = says ? driverService(says, spec.manifest.metadata.namespace ?? '')?.inCluster : undefined;
  return metadata && { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata } };
}

/** Whether any of the objects is the Secret of a certificate: then it has to be known who vouches for it. */
function hasCertificates(desired: readonly DesiredObject[]): boolean {
  return desired.some(({ object }) => certificateOf(object) !== undefined);
}

/** Reads what drivers are decided by, save for what is in the scope; undefined where nothing is about them. */
export async function readDrivers(
  scope: DriversScope | undefined,
  desired: readonly DesiredObject[],
  cluster: Cluster,
  installation: Installation,
  { signal }: Interruptible,
): Promise<DriversRead | undefined> {
  const isAsked = scope !== undefined;
  if (!isAsked && !hasCertificates(desired)) return undefined;
  const [known, nodes] = await Promise.all([
    knownLock(cluster, installation, { signal }),
    isAsked ? seeNodes(cluster, { signal }) : undefined,
  ]);
  return { known, nodes, isAsked };
}

/** The lock; where it may not be read, it is not known, and nothing else waits for that. */
async function knownLock(
  cluster: Cluster,
  installation: Installation,
  { signal }: Interruptible,
): Promise<DriversRead['known']> {
  try {
    return await readDriverLock(cluster, installation, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { lock: undefined, ca: undefined, live: undefined, error };
  }
}

async function seeNodes(
  cluster: Cluster,
  { signal }: Interruptible,
): Promise<NodesSeen | NodesUnread | undefined> {
  try {
    return await cluster.seeNodes({ signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { unread: error.message, isPassing: error.retry === 'next-pass' };
  }
}

/** What was read, without what could not be read of what is asked of nodes: it concerns drivers alone, and keeps nothing else back. */
export function withoutIntentsGap(live: Live, installation: Pick<Installation, 'agentNamespace'>): Live {
  const gap = intentsGap(live, installation);
  return gap === undefined ? live : { ...live, unread: live.unread.filter((each) => each !== gap) };
}

function intentsGap(
  { unread }: Live,
  { agentNamespace = AGENT_NAMESPACE }: Pick<Installation, 'agentNamespace'>,
): Live['unread'][number] | undefined {
  return unread.find(({ kind, namespace }) => kind === CONFIG_MAP && namespace === agentNamespace);
}

interface DriversDecided extends Interruptible {
  readonly specs: Pick<ParsedSpecs, 'specs' | 'settings' | 'findings' | 'broken'>;
  readonly live: Live;
  readonly installation: Installation;
  readonly commit: string;
  readonly registry: DriverRegistry | undefined;
  /** What findings without a place in a file are told at. */
  readonly ref: string;
}

/** What is to be done about drivers, after registries were asked what they have. */
export async function assessDrivers(
  { known, nodes }: DriversRead,
  { specs, live, installation, commit, registry, ref, signal }: DriversDecided,
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
    findings: [...decision.findings, ...(error === undefined ? [] : [lockFinding(error, ref)])],
    askAgainMs: isUnreadForNow(input.nodes) ? UNREAD_AGAIN_MS : askAgainMs(answers),
    requests: (cluster) => requestsToCome(decision.seen, cluster),
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
    ...withWorkConsent(withDriverPods(desired, decision.pods, { ...context, builders: decision.builders })),
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
