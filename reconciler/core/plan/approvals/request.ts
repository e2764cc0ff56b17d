import type { RiskName } from '../../../../schemas/risk.ts';
import { PART_OF } from '../../desired/ownership.ts';
import { canonicalJson, sha256Hex } from '../../kube/hash.ts';
import type { Consent } from '../../desired/desired.ts';
import { type KubeObject, objectId } from '../../kube/object.ts';
import { APPLIED_FIELDS } from '../applied-fields.ts';
import type { Write } from '../change.ts';
import { boundRisk } from '../digest.ts';
import { withoutValues } from '../without-values.ts';

/** The one thing that an approval consents to: its identity, by which another of the same name is not meant. */
export interface ApprovalTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Absent only for what does not exist yet. */
  readonly uid?: string;
}

/** Consent that a change waits for. */
export interface ApprovalRequest {
  /** `update-object`, `prune-budget`: what would be done. */
  readonly action: string;
  readonly target: ApprovalTarget;
  /** `sha256:…` over cluster, action, target and content: the same from whatever commit, and at whatever time. */
  readonly digest: string;
  /** What is consented to, for people; absent where the change says it. */
  readonly words?: string;
}

const ACTION = {
  create: 'create-object',
  update: 'update-object',
  replace: 'replace-object',
  prune: 'prune-object',
} as const satisfies Record<Write['op'], string>;

/** What can be consented to of plain objects. */
export const OBJECT_ACTIONS: readonly string[] = Object.values(ACTION);

/** Dangers whose evidence says what is lost, taken or given. That of the others is counted in a cluster that goes on moving. */
const BOUND: ReadonlySet<RiskName> = new Set(['data-loss', 'irreversible', 'takeover', 'privilege']);

/**
 * The consent that `write` needs for these dangers in this cluster: with another one, with more at stake, or in another cluster it is
 * another consent.
 */
export function requestFor(write: Write, dangers: readonly RiskName[], cluster: string): ApprovalRequest {
  const target = targetOf(write.op === 'create' ? write.desired : write.live);
  const asked = write.op === 'prune' ? {} : { desired: contentOf(write) };
  const stakes = (write.risks ?? []).filter(({ name }) => BOUND.has(name) && dangers.includes(name));
  const content = { ...asked, dangers: [...new Set(dangers)].toSorted(), stakes: stakes.map(boundRisk) };
  return request(ACTION[write.op], target, cluster, content);
}

/** The consent that many objects need together, for these dangers in this cluster. */
export function sharedRequest(
  { action, target, content, words }: Consent,
  dangers: readonly RiskName[],
  cluster: string,
): ApprovalRequest {
  const asked = request(action, target, cluster, { ...content, dangers: [...new Set(dangers)].toSorted() });
  return { ...asked, words };
}

/**
 * What can be consented to of drivers: that loaded ones make way for others, that a package is trusted in place of the one that was
 * seen first, and that a pod with rights on nodes loads or builds them.
 */
export const DRIVER_ACTIONS = [
  'replace-drivers',
  'accept-driver-package',
  'load-drivers',
  'build-drivers',
] as const;

/** The consent to delete exactly `orphans`, which are more than a commit may remove; `set` keeps the record of them. */
export function budgetRequest(
  orphans: readonly KubeObject[],
  set: ApprovalTarget,
  cluster: string,
): ApprovalRequest {
  const going = orphans.map((live) => ({ id: objectId(live), uid: live.metadata.uid ?? '' }));
  return request(
    PRUNE_BUDGET,
    set,
    cluster,
    going.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
}

export const PRUNE_BUDGET = 'prune-budget';

/** How `object` is meant, and no other of its name. */
export function targetOf({ apiVersion, kind, metadata }: KubeObject): ApprovalTarget {
  const { name, namespace, uid } = metadata;
  return {
    apiVersion,
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
  };
}

interface Called {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Whether both are the same by their names, whichever version and identity they have. */
export function isNamed(one: Called, other: Called): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}

function request(action: string, target: ApprovalTarget, cluster: string, content: unknown): ApprovalRequest {
  // What does not exist yet has no UID that would tell one cluster from another.
  const whole = { schema: 1, cluster, action, target, content };
  return { action, target, digest: `sha256:${sha256Hex(canonicalJson(whole))}` };
}

/** What the manifest asks for, wherever it is placed, and without our own marks, which say nothing more. */
function contentOf({
  desired,
  unplaced = desired,
  sealed,
}: Extract<Write, { op: 'create' | 'update' | 'replace' }>): unknown {
  const shown = withoutValues(unplaced, sealed);
  const { labels = {}, annotations = {}, ...metadata } = shown.metadata;
  const without = (map: Readonly<Record<string, string>>, name: string) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => key !== name));
  return {
    ...shown,
    metadata: {
      ...metadata,
      labels: without(labels, PART_OF),
      annotations: without(annotations, APPLIED_FIELDS),
    },
  };
}
