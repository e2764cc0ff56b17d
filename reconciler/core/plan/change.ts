import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { Sealed } from '../spec/sealed.ts';

/** One field that a change touches. `from` is absent for a new field, `to` for one that is removed. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=weka].image`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** Another field manager that owns the live value. */
  readonly manager?: string;
}

/** Marks that a reviewer should look twice. */
export type Flag = 'drift' | 'takeover' | 'conflict' | 'force' | 'secret' | 'cluster-scoped' | 'unproven';

/**
 * What a pass intends for one object. The planner decides; apply only carries it out. `absent` says that the object
 * will not be there when the pass has ended, so that what needs it is held back.
 */
export type Change =
  | Op<'create', { desired: KubeObject }>
  | Op<'update', { desired: KubeObject; live: KubeObject; force: boolean }>
  | Op<'replace', { desired: KubeObject; live: KubeObject; reason: string }>
  | Op<'prune', { live: KubeObject }>
  | Op<'keep'>
  | Op<'refuse', { reason: string; absent?: true }>
  | Op<'wait', { reason: string; absent?: true }>;

type Op<Name extends string, Rest = object> = {
  readonly op: Name;
  readonly id: ObjectId;
  readonly fields: readonly FieldChange[];
  readonly flags: readonly Flag[];
  /** `file:line` of the manifest that asks for it; absent for what no manifest asks for any more. */
  readonly source?: string;
  /** What stands encrypted in its manifest: nothing that is said of the change may repeat it. */
  readonly sealed?: Sealed;
} & Readonly<Rest>;

/** A change that touches the cluster. */
export type Write = Extract<Change, { op: 'create' | 'update' | 'replace' | 'prune' }>;

export function isWrite(change: Change): change is Write {
  return change.op === 'create' || change.op === 'update' || change.op === 'replace' || change.op === 'prune';
}

/** The write as one that is not made in this pass, and why: it waits, or a person has to decide. */
export function unmade(write: Write, op: 'wait' | 'refuse', reason: string): Change {
  const { id, fields, flags, source } = write;
  return {
    op,
    id,
    fields,
    flags,
    reason,
    ...(source === undefined ? {} : { source }),
    ...(write.op === 'create' ? { absent: true } : {}),
  };
}

/** What became of a change. `unchanged`: the API server found that nothing differed after all. */
export type Outcome =
  | { readonly change: Write; readonly result: 'done' | 'unchanged' }
  | {
      readonly change: Write;
      readonly result: 'failed';
      readonly code: string;
      readonly why: string;
      readonly hint?: string;
    }
  | { readonly change: Write; readonly result: 'held'; readonly why: string };
