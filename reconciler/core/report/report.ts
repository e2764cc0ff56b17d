import type { Settings } from '../../../schemas/settings.ts';
import type { CommitSha } from '../../ports.ts';
import type { DriversSeen } from '../drivers/drivers.ts';
import { driversThatNeedPerson } from '../drivers/needs-person.ts';
import type { Health } from '../health/health.ts';
import type { GroupKind, ObjectId } from '../kube/object.ts';
import type { NodesSeen, NodesUnread } from '../nodes/nodes-seen.ts';
import type { AwaitedApproval } from '../plan/approvals/awaited.ts';
import type { Brake } from '../plan/brake.ts';
import { type Change, isWrite, type Outcome } from '../plan/change.ts';
import { type Finding, isError } from '../spec/finding.ts';

/** What a pass found, before it does anything. `plan` shows this; `reconcile` carries it out. */
export interface Assessment {
  readonly cluster: string;
  /** The ref that the repository is read at, as configured: `main`. */
  readonly ref: string;
  readonly commit: CommitSha;
  readonly author: string;
  readonly subject: string;
  /** Files read, and objects that their manifests describe. */
  readonly files: number;
  readonly documents: number;
  readonly settings: Settings;
  readonly findings: readonly Finding[];
  /** What stands encrypted in the repository: no rendering may hold it. */
  readonly sealedTexts?: readonly string[];
  /** In the order in which they are carried out. */
  readonly changes: readonly Change[];
  /** Consent that changes wait for. */
  readonly awaited?: readonly AwaitedApproval[];
  /** `sha256:…` over all changes with their identities and owned fields. */
  readonly digest: string;
  /** Why nothing is pruned in this pass, although something may be asked for; absent where pruning is free to happen. */
  readonly pruneBlocked?: string;
  /** What a person set up in the cluster to hold passes back; absent where nothing does. */
  readonly brake?: Brake;
  /** Kinds that could not be listed. Nothing is concluded from their absence. */
  readonly unread: readonly {
    readonly kind: GroupKind;
    readonly namespace?: string;
    readonly why: string;
    /** How long the server asks to be left alone. */
    readonly retryAfterMs?: number;
  }[];
  /** Health of each live object of ours, after the pass where there was one. */
  readonly health: ReadonlyMap<ObjectId, Health>;
  /** What agents tell of nodes, where anybody asked and any agent is about; or why they could not be asked. */
  readonly nodes?: NodesSeen | NodesUnread;
  /** Drivers of nodes, where any manifest asks for them. */
  readonly drivers?: DriversSeen;
}

/** All that a finished pass has to say. */
export interface Report extends Assessment {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly outcomes: readonly Outcome[];
}

/** Changes by kind; a `keep` is unchanged. */
export type Counts = Record<Change['op'], number>;

export function countChanges(changes: readonly Change[]): Counts {
  const counts: Counts = { create: 0, update: 0, replace: 0, prune: 0, keep: 0, refuse: 0, wait: 0 };
  for (const change of changes) counts[change.op] += 1;
  return counts;
}

/**
 * Whether all that was asked for is done: no error finding, no refusal, no failure, nothing held back, nothing that
 * waits, whatever it waits for, and no drivers that need a person. What should go is no matter where the settings say that nothing goes.
 */
export function isClean({ findings, changes, outcomes, unread, settings, drivers }: Report): boolean {
  const isKept = ({ op, source }: Change) =>
    op === 'wait' && source === undefined && !settings.spec.prune.enabled;
  return (
    unread.length === 0 &&
    driversThatNeedPerson(drivers).length === 0 &&
    !findings.some(isError) &&
    !changes.some((change) => change.op === 'refuse' || (change.op === 'wait' && !isKept(change))) &&
    outcomes.every((outcome) => outcome.result === 'done' || outcome.result === 'unchanged')
  );
}

/** Whether a plan has something to look at: an error finding, drivers that need a person, or anything but `keep`. */
export function hasWork({ findings, changes, unread, drivers }: Assessment): boolean {
  return (
    unread.length > 0 ||
    driversThatNeedPerson(drivers).length > 0 ||
    findings.some(isError) ||
    changes.some((change) => isWrite(change) || change.op === 'refuse' || change.op === 'wait')
  );
}
