import type { ChangeOutput, Plan } from '../../../schemas/output/plan.ts';
import type { CommitSha } from '../../ports.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { PlanMarker } from './marker.ts';
import type { SettingsChange } from './settings-changes.ts';
import type { Gate, GateState } from './undiverged.ts';

/** A failure, as a ReconcilerError tells it. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What came of planning a pull request. */
export type Told =
  | {
      readonly result: 'planned';
      /** With its forecast, where one was made; of a fork, as `forkView` shows it. */
      readonly plan: Plan;
      readonly gate: Gate;
      /** Files that the pull request changes, by their paths in the repository. */
      readonly files: readonly string[];
      /** Folder of the repository that holds the manifests; empty for its root. */
      readonly folder: string;
      readonly settingsChanges: readonly SettingsChange[];
      /** What is not part of `plan`, since a pass does it without the merge as well. */
      readonly alsoWithout?: AlsoWithout | undefined;
      /** Why the head's commit would not be applied as it is. */
      readonly unaccepted?: ToldError | undefined;
      readonly remarks?: Remarks | undefined;
    }
  /** Nothing that it changes is among the manifests. */
  | { readonly result: 'nothing'; readonly unaccepted?: ToldError | undefined }
  /** It cannot be merged before a person has merged these files. */
  | { readonly result: 'conflict'; readonly files: readonly string[] }
  | { readonly result: 'failed'; readonly error: ToldError };

/** What the base alone has a pass do, and what is wrong with it already. */
export interface AlsoWithout {
  readonly changes: readonly ChangeOutput[];
  /** Targets that a pass would write of the base alone, and not after the merge. */
  readonly undone: readonly string[];
  /** How many findings the base has as well. */
  readonly findings: number;
}

/** What a plan does not show, or shows otherwise than a pass would do it now. */
export interface Remarks {
  /** No pass writes anything, while the plan is as if they did. */
  readonly suspended?: Suspended | undefined;
  /** Secrets that the planner may not read, and that the plan is without. */
  readonly uncompared?: Uncompared | undefined;
  /** What is kept from a fork. */
  readonly hidden?: Hidden | undefined;
}

export interface Suspended {
  readonly reason: string;
  /** Whether the merge has passes write again. */
  readonly isLifted: boolean;
}

export interface Uncompared {
  /** Where they are; empty for everywhere. */
  readonly namespaces: readonly string[];
  /** Those that the pull request changes in the manifests. */
  readonly changed: readonly string[];
}

export interface Hidden {
  /** Whether the pull request changes any of it. */
  readonly isChanged: boolean;
  /** Errors that the pull request brings. */
  readonly errors: number;
}

/** What a comment needs to know besides what it tells. */
export interface Frame {
  /** `owner/name` on the forge. */
  readonly repository: string;
  readonly cluster: string;
  readonly head: CommitSha;
  readonly base: CommitSha;
  readonly isFork: boolean;
  readonly at: Date;
  readonly pages: ForgePages;
  /** Characters that the comment may have: 3,000 at the least, of which the marker takes some. */
  readonly limit: number;
  /** Marker of the comment that is written over; absent where there is none. */
  readonly before?: PlanMarker | undefined;
  /** What is to be remembered of the plans shown; that of `before` where a plan could not be made. */
  readonly state?: GateState | undefined;
  /** The last comment whose command was handled; 0 where there was none. */
  readonly handled: number;
}

/** A comment as it is to be posted, and what its first line says. */
export interface WrittenComment<Marker> {
  readonly text: string;
  readonly marker: Marker;
}
