import { z } from 'zod';
import { type ApplySetParent, applySetId } from '../desired/ownership.ts';
import { type GroupKind, groupKind, type KubeObject } from '../kube/object.ts';
import { kindNamed } from '../kube/kinds.ts';

/**
 * What the cluster keeps of us between two passes: which kinds and namespaces hold our objects, which commit was applied
 * last, and what was pruned for it. It is the ApplySet's parent (KEP-3659), so that other tools find our objects too.
 */
export interface InstallationRecord {
  readonly kinds: readonly GroupKind[];
  readonly namespaces: readonly string[];
  readonly lastCommit?: string;
  /** Objects pruned for `lastCommit` so far. */
  readonly pruned: number;
}

const STATE = 'state.json';

const State = z.object({
  schema: z.literal(1),
  lastCommit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  pruned: z.int().min(0),
});

const CONTAINS = 'applyset.kubernetes.io/contains-group-kinds';
const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
const ID = 'applyset.kubernetes.io/id';
const TOOLING = 'applyset.kubernetes.io/tooling';

export const EMPTY_RECORD: InstallationRecord = { kinds: [], namespaces: [], pruned: 0 };

/** The parent as the API server holds it, read back; undefined for one that was damaged by hand. */
export function parseRecord(parent: KubeObject, set: ApplySetParent): InstallationRecord | undefined {
  if (parent.metadata.labels?.[ID] !== applySetId(set)) return undefined;
  const { annotations = {} } = parent.metadata;
  const data = z.record(z.string(), z.string()).safeParse(parent['data'] ?? {});
  const state = data.success ? State.safeParse(parseJson(data.data[STATE])) : undefined;
  if (!state?.success) return undefined;
  const { lastCommit, pruned } = state.data;
  return {
    kinds: list(annotations[CONTAINS]).filter(
      (name): name is GroupKind => kindNamed(name as GroupKind) !== undefined,
    ),
    namespaces: list(annotations[NAMESPACES]),
    pruned,
    ...(lastCommit === undefined ? {} : { lastCommit }),
  };
}

/** The parent object that holds `record`. */
export function recordObject(record: InstallationRecord, set: ApplySetParent, version: string): KubeObject {
  const { lastCommit, pruned } = record;
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
    data: { [STATE]: `${JSON.stringify({ schema: 1, ...(lastCommit ? { lastCommit } : {}), pruned })}\n` },
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
    a.pruned === b.pruned &&
    a.kinds.toSorted().join() === b.kinds.toSorted().join() &&
    a.namespaces.toSorted().join() === b.namespaces.toSorted().join()
  );
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
