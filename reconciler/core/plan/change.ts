import type { RiskName } from '../../../schemas/risk.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { DesiredObject } from '../desired/desired.ts';
import type { PodPlacement } from '../desired/pod-placement.ts';
import type { LabelSelector } from '../placement/label-selector.ts';
import type { Sealed } from '../spec/sealed.ts';
import type { Grant } from './approvals/book.ts';
import type { ApprovalRequest } from './approvals/request.ts';

/** One field that a change touches. `from` is absent for a new field, `to` for one that is removed. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=weka].image`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** Another field manager that owns the live value. */
  readonly manager?: string;
  /** How it came to it, as a reader is told: `by hand: kubectl edit`. */
  readonly by?: string;
  /** When that was, where it is known. */
  readonly at?: string;
  /** Nothing but the order of the list changes. */
  readonly reordered?: true;
}

/** Marks that a reviewer should look twice. */
export type Flag = 'drift' | 'conflict' | 'force' | 'secret' | 'unproven';

/** What may go wrong with a change, and why it is thought so. */
export interface Risk {
  readonly name: RiskName;
  /** One sentence, the same whatever the cluster looks like. */
  readonly reason: string;
  /** What in the cluster or the manifest shows it: names and counts, never a value of a Secret. */
  readonly evidence?: string;
  /** What digests hold in place of the evidence, where that is cut short or has the names of pods. */
  readonly bound?: string;
  /** Which pods it stops, where somebody asks for their names. */
  readonly stops?: StoppedPods;
}

/** Pods that a change stops, by what tells them apart from others. */
export interface StoppedPods {
  readonly count: number;
  readonly namespace: string;
  readonly selector: LabelSelector;
  /** Of a StatefulSet, only those that come so far after the first one, or later. */
  readonly from?: { readonly start: number; readonly partition: number };
  /** Only those that are not of this revision of their template. */
  readonly notOfRevision?: string;
}

/**
 * What a pass intends for one object. The planner decides; apply only carries it out. `absent` says that the object
 * will not be there when the pass has ended, so that what needs it is held back; `passing` that what it waits for comes
 * about by itself, and that no person has to do anything.
 */
export type Change =
  | Op<'create', { desired: KubeObject }>
  | Op<'update', { desired: KubeObject; live: KubeObject; force: boolean }>
  | Op<
      'replace',
      {
        desired: KubeObject;
        live: KubeObject;
        reason: string;
        /** It is made anew although nothing in it cannot be changed in place. */
        again?: true;
      }
    >
  | Op<'prune', { live: KubeObject }>
  | Op<'keep'>
  | Op<'refuse', { reason: string; absent?: true; passing?: true; live?: KubeObject }>
  | Op<
      'wait',
      {
        reason: string;
        absent?: true;
        passing?: true;
        /** What is there meanwhile, and goes on using what it refers to. */
        live?: KubeObject;
        /** The consent that it waits for, and the write that this would set free. */
        approval?: ApprovalRequest;
        pending?: Write;
      }
    >;

type Op<Name extends string, Rest = object> = {
  readonly op: Name;
  readonly id: ObjectId;
  readonly fields: readonly FieldChange[];
  readonly flags: readonly Flag[];
  /** What may go wrong with it, the gravest first; absent where nothing is known to. */
  readonly risks?: readonly Risk[];
  /** `file:line` of the manifest that asks for it; absent for what no manifest asks for any more. */
  readonly source?: string;
  /** The approvals that a write goes ahead with, where it needed any. */
  readonly approved?: readonly Grant[];
  /** Fields that the API server would set beyond what is asked for, and not by default; known once it has tried the write. */
  readonly adds?: readonly FieldChange[];
  /** How many fields more it would fill in with the defaults of Kubernetes. */
  readonly defaults?: number;
  /** The object that goes in the same pass and was the same but for its name; and of that one, what comes in its place. */
  readonly renamedFrom?: ObjectId;
  readonly renamedTo?: ObjectId;
  /** Where it stands, for a pod of WEKA. */
  readonly placement?: PodPlacement;
  /** Such a pod as its manifest asks for it, whichever node was chosen. */
  readonly unplaced?: KubeObject;
  /** What stands encrypted in its manifest: nothing that is said of the change may repeat it. */
  readonly sealed?: Sealed;
  /** What it asks of a node. */
  readonly node?: NonNullable<DesiredObject['node']>;
  /** What a person consents to where it needs consent, with others that ask for the same. */
  readonly consent?: NonNullable<DesiredObject['consent']>;
  /** A few fields of something that others made. */
  readonly partly?: true;
} & Readonly<Rest>;

/** A change that touches the cluster. */
export type Write = Extract<Change, { op: 'create' | 'update' | 'replace' | 'prune' }>;

export function isWrite(change: Change): change is Write {
  return change.op === 'create' || change.op === 'update' || change.op === 'replace' || change.op === 'prune';
}

/** The write as one that is not made in this pass, and why: it waits, or a person has to decide. */
export function unmade(write: Write, op: 'wait' | 'refuse', reason: string): Change {
  const { id, fields, flags, risks, source, renamedFrom, renamedTo, node, consent } = write;
  return {
    op,
    id,
    fields,
    flags,
    reason,
    ...(risks === undefined ? {} : { risks }),
    ...(source === undefined ? {} : { source }),
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    ...(renamedTo === undefined ? {} : { renamedTo }),
    ...(node === undefined ? {} : { node }),
    ...(consent === undefined ? {} : { consent }),
    ...(write.op === 'create' ? { absent: true } : { live: write.live }),
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
