import { z } from 'zod';
import { type ApplySetParent, applySetId } from '../desired/ownership.ts';
import { canonicalJson } from '../kube/hash.ts';
import { type GroupKind, groupKind, type KubeObject } from '../kube/object.ts';
import type { ApprovalUse } from './approvals/use.ts';

/**
 * What the cluster keeps of us between two passes: which kinds and namespaces hold our objects, which commit was applied
 * last, and what was pruned for it. It is the ApplySet's parent (KEP-3659), so that other tools find our objects too.
 */
export interface InstallationRecord {
  readonly kinds: readonly GroupKind[];
  readonly namespaces: readonly string[];
  readonly lastCommit?: string;
  /** The commit that is being applied, where it is another one and its prune budget has been drawn on. */
  readonly pendingCommit?: string;
  /** Objects pruned for that commit, or else for `lastCommit`, so far. */
  readonly pruned: number;
  /** UIDs of those that a pass set out to prune for it, and did not come back to tell of. */
  readonly pruning: readonly string[];
  /** Approvals that were used, for as long as they would hold. */
  readonly uses: readonly ApprovalUse[];
}

const STATE = 'state.json';

const Commit = z.string().regex(/^[0-9a-f]{40}$/);

const State = z.object({
  schema: z.literal(1),
  lastCommit: Commit.optional(),
  pendingCommit: Commit.optional(),
  pruned: z.int().min(0),
  pruning: z.array(z.string()).optional(),
  approvals: z
    .array(
      z.object({
        name: z.string(),
        digest: z.string(),
        usedAt: z.string(),
        expires: z.string(),
        done: z.boolean(),
      }),
    )
    .optional(),
});

const CONTAINS = 'applyset.kubernetes.io/contains-group-kinds';
const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
const ID = 'applyset.kubernetes.io/id';
const TOOLING = 'applyset.kubernetes.io/tooling';

export const EMPTY_RECORD: InstallationRecord = {
  kinds: [],
  namespaces: [],
  pruned: 0,
  pruning: [],
  uses: [],
};

/**
 * What the parent says. `damaged`: not all is there that we write, so what may be pruned is not known. `foreign`: it is
 * the parent of another tool's set, which `tooling` names, and is not ours to touch.
 */
export type ParsedRecord =
  | { readonly state: 'ok'; readonly record: InstallationRecord }
  | { readonly state: 'damaged'; readonly record?: never }
  | { readonly state: 'foreign'; readonly tooling: string; readonly record?: never };

/**
 * The parent as the API server holds it, read back. Kinds that this version does not know are kept: their objects may be
 * there, and cannot be seen.
 */
export function parseRecord(parent: KubeObject, set: ApplySetParent): ParsedRecord {
  const { labels = {}, annotations = {} } = parent.metadata;
  const tooling = annotations[TOOLING];
  if (tooling !== undefined && !tooling.startsWith('weka-gitops/')) return { state: 'foreign', tooling };
  const record = labels[ID] === applySetId(set) && tooling !== undefined ? content(parent) : undefined;
  return record === undefined ? { state: 'damaged' } : { state: 'ok', record };
}

function content(parent: KubeObject): InstallationRecord | undefined {
  const { annotations = {} } = parent.metadata;
  if (annotations[CONTAINS] === undefined) return undefined;
  const data = z.record(z.string(), z.string()).safeParse(parent['data'] ?? {});
  const state = data.success ? State.safeParse(parseJson(data.data[STATE])) : undefined;
  if (!state?.success) return undefined;
  const { lastCommit, pendingCommit, pruned, pruning = [], approvals: uses = [] } = state.data;
  return {
    kinds: list(annotations[CONTAINS]).map((name) => name as GroupKind),
    namespaces: list(annotations[NAMESPACES]),
    pruned,
    pruning,
    uses,
    ...(lastCommit === undefined ? {} : { lastCommit }),
    ...(pendingCommit === undefined ? {} : { pendingCommit }),
  };
}

/** The parent object that holds `record`. */
export function recordObject(record: InstallationRecord, set: ApplySetParent, version: string): KubeObject {
  const { lastCommit, pendingCommit, pruned, pruning, uses } = record;
  const state = {
    schema: 1,
    ...(lastCommit ? { lastCommit } : {}),
    ...(pendingCommit ? { pendingCommit } : {}),
    pruned,
    ...(pruning.length === 0 ? {} : { pruning }),
    ...(uses.length === 0 ? {} : { approvals: uses }),
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      labels: { [ID]: applySetId(set) },
      annotations: {
        [TOOLING]: `weka-gitops/${version}`,
        [CONTAINS]: record.kinds.toSorted().join(','),
        [NAMESPACES]: record.namespaces.toSorted().join(','),
      },
    },
    data: { [STATE]: `${JSON.stringify(state)}\n` },
  };
}

/** `record` widened by what `objects` need: written before they are, so that a crash midway leaves none untracked. */
export function withObjects(record: InstallationRecord, objects: Iterable<KubeObject>): InstallationRecord {
  const kinds = new Set(record.kinds);
  const namespaces = new Set(record.namespaces);
  for (const object of objects) {
    kinds.add(groupKind(object));
    if (object.metadata.namespace !== undefined) namespaces.add(object.metadata.namespace);
  }
  return { ...record, kinds: [...kinds].toSorted(), namespaces: [...namespaces].toSorted() };
}

export function sameRecord(a: InstallationRecord, b: InstallationRecord): boolean {
  return (
    a.lastCommit === b.lastCommit &&
    a.pendingCommit === b.pendingCommit &&
    a.pruned === b.pruned &&
    a.pruning.toSorted().join() === b.pruning.toSorted().join() &&
    canonicalJson(a.uses) === canonicalJson(b.uses) &&
    a.kinds.toSorted().join() === b.kinds.toSorted().join() &&
    a.namespaces.toSorted().join() === b.namespaces.toSorted().join()
  );
}

/** What the prune budget of a commit has been spent on. */
export type Spent = Pick<InstallationRecord, 'pruned' | 'pruning'>;

/** The commit whose prune budget the record tells of. */
export function budgetCommit({ lastCommit, pendingCommit }: InstallationRecord): string | undefined {
  return pendingCommit ?? lastCommit;
}

/**
 * What passes before this one spent of the budget of `commit`. Of the objects that a pass set out to prune when it was
 * cut short, those that are gone count and those that are still there do not: they are candidates again. While not all
 * can be seen, nobody knows which are gone.
 */
export function spentOn(
  commit: string,
  record: InstallationRecord,
  {
    objects,
    unread,
  }: { readonly objects: ReadonlyMap<unknown, KubeObject>; readonly unread: readonly unknown[] },
): Spent {
  if (budgetCommit(record) !== commit) return { pruned: 0, pruning: [] };
  const { pruned, pruning } = record;
  if (unread.length > 0) return { pruned, pruning };
  const staying = [...objects.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const there = new Set(staying.map(({ metadata }) => metadata.uid));
  return { pruned: pruned + pruning.filter((uid) => !there.has(uid)).length, pruning: [] };
}

function list(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((item) => item !== '');
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
