import type { RegistryAnswers, RegistryQuestion } from './core/drivers/decision.ts';
import type { GroupKind, KubeObject, ObjectId, Brand } from './core/kube/object.ts';
import type { NodesSeen } from './core/nodes/nodes-seen.ts';
import type { PlacementFacts, StorageFacts } from './core/placement/placement-facts.ts';
import type { Finding } from './core/spec/finding.ts';
import type { SourceFile } from './core/spec/source.ts';

/** 40 hexadecimal digits. */
export type CommitSha = Brand<'CommitSha'>;

/** What the repository held at one commit, below the configured path. */
export interface Snapshot {
  readonly commit: CommitSha;
  readonly author: string;
  readonly subject: string;
  /** YAML and JSON files, sorted by path. */
  readonly files: readonly SourceFile[];
  /** Files that were refused unread: links, submodules, too large. */
  readonly findings: readonly Finding[];
  /** All files of the repository at that commit, whatever the configured path; nothing is read before it is asked for. */
  readonly tree?: () => RepositoryTree;
  /** The commits that led to it; nothing is read before it is asked for. */
  readonly history?: () => History;
  /** Throws where the commit would not be given any more, since other keys may sign by now; unset where any commit would. */
  readonly verify?: () => Promise<void>;
}

/** What a commit says of itself. */
export interface CommitFacts {
  readonly sha: CommitSha;
  readonly author: string;
  /** When it was written, which a rebase does not change. */
  readonly date: Date;
  readonly subject: string;
}

/** A line of a file at the commit that the history ends in; lines count from 1. */
export interface FileLine {
  readonly file: string;
  readonly line: number;
}

/** Which commit wrote a line, as `git blame` tells it. */
export type Blame =
  /** `file` and `line` are those at that commit. */
  | ({ readonly found: 'commit'; readonly commit: CommitFacts } & FileLine)
  /** The line is in a working tree, and in no commit. */
  | { readonly found: 'uncommitted' }
  /** It is older than what could be looked at; `since` is the oldest commit that was. */
  | { readonly found: 'older'; readonly why: string; readonly since?: CommitFacts };

/** Which commit took away what a file said, and where it stood in the commit before. */
export type Removal =
  | {
      readonly found: 'commit';
      readonly commit: CommitFacts;
      readonly before: CommitSha;
      readonly file: string;
    }
  | { readonly found: 'older'; readonly why: string };

/** The commits of a repository. What it cannot find out is part of its answers; it throws only the reason of a signal. */
export interface History {
  blame(line: FileLine, options?: Interruptible): Promise<Blame>;
  /** Who made manifests say no more what `says` finds in them. */
  removal(says: (file: SourceFile) => boolean, options?: Interruptible): Promise<Removal>;
  /**
   * The commits that the branch itself went through after an earlier one, by first parents, newest first; none where it
   * did not go through that one, or where that is too long ago to be known.
   */
  commitsSince(commit: CommitSha): Promise<readonly CommitSha[]>;
}

/** What stands at a path of a repository. `other` is what no file or folder is: a link, a submodule. */
export interface RepositoryEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Git's name for the content of a file, where git has it. */
  readonly oid?: string;
}

/** Every file of a repository, by its path from the root on. Links are told and never followed. */
export interface RepositoryTree {
  /** Undefined where nothing is. A path through a link gives the link. */
  entry(path: string): Promise<RepositoryEntry | undefined>;
  /** The content of a file that is there, or only its size where it has more than `most` bytes. */
  read(path: string, most: number): Promise<Uint8Array | number>;
}

/** What whoever calls may end the call by. */
export interface Interruptible {
  /** Once it is aborted, the call is given up at once and throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The repository that says what the cluster shall be. */
export interface Repository {
  /** The commit the configured ref points to: one ref listing, nothing else. */
  tip(options?: Interruptible): Promise<CommitSha>;
  /**
   * Fetches if need be and reads the tip. `lastApplied` must be its ancestor, or history was rewritten and this throws.
   * What `tip()` has just given may be handed on as `seen`, which spares a second listing.
   */
  read(lastApplied?: CommitSha, seen?: CommitSha, options?: Interruptible): Promise<Snapshot>;
}

/** One file of the status branch. */
export interface StatusFile {
  readonly path: string;
  readonly text: string;
}

/** The branch where what happened is written. */
export interface StatusBranch {
  readonly ref: string;
  /** The files at the tip; undefined where the branch does not exist yet. */
  read(): Promise<{ readonly commit: CommitSha; readonly files: readonly StatusFile[] } | undefined>;
  /**
   * Commits what `build` makes of the files at the tip, and pushes it. When another writer was faster, `build` is
   * called again with the new tip. Returns undefined where `build` does: there was nothing to say.
   */
  publish(
    build: (tip: readonly StatusFile[]) => StatusCommit | undefined,
    options?: Interruptible,
  ): Promise<CommitSha | undefined>;
}

export interface StatusCommit {
  readonly message: string;
  /** The whole content of the branch. */
  readonly files: readonly StatusFile[];
  /** Commits on the branch beyond which it starts again from a root commit, so that it stays small. */
  readonly keepCommits: number;
}

/** Which part of the cluster a pass looks at. */
export interface ReadScope {
  /** Kinds to list, and the namespaces for the namespaced ones. */
  readonly kinds: readonly GroupKind[];
  readonly namespaces: readonly string[];
  /** Objects that are wanted, whether they carry our label or not. */
  readonly wanted: readonly KubeObject[];
  /** ApplySet id whose members are listed. */
  readonly applySet: string;
  /** Single kinds in single namespaces that are listed besides. */
  readonly besides?: readonly { readonly kind: GroupKind; readonly namespace: string }[];
}

/** A list that could not be read in whole. Nothing is concluded from it. */
export interface Unread {
  readonly kind: GroupKind;
  readonly namespace?: string;
  readonly code: string;
  readonly why: string;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs?: number;
}

export interface Live {
  readonly objects: ReadonlyMap<ObjectId, KubeObject>;
  readonly unread: readonly Unread[];
}

export interface PlacementQuestion extends Interruptible {
  /** Whether volumes and their classes are asked for as well. */
  readonly volumes?: boolean;
}

export interface NodesQuestion extends Interruptible {
  /** Whether the API server itself is asked, whatever is in memory. */
  readonly afresh?: boolean;
}

/** What the API server would make of a write. */
export type DryRun =
  | { readonly result: 'accepted'; readonly object: KubeObject }
  | {
      readonly result: 'conflict';
      readonly conflicts: readonly { readonly path: string; readonly manager: string }[];
    }
  | {
      readonly result: 'rejected';
      readonly code: string;
      readonly why: string;
      readonly hint?: string;
      /** It is the account that lacks the right to it: another one may well have that. */
      readonly ofAccount?: true;
    };

/** How an object is applied. */
export interface ApplyOptions extends Interruptible {
  readonly force: boolean;
}

/**
 * The Kubernetes cluster. Every failure of it is a ReconcilerError. A write that is given up may have been done all the
 * same, where it was sent.
 */
export interface Cluster {
  get(
    object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
    options?: Interruptible,
  ): Promise<KubeObject | undefined>;
  read(scope: ReadScope, options?: Interruptible): Promise<Live>;
  /** Nodes, pods and namespaces as they are now, asked of the API server itself: all of them, or it throws. */
  placementFacts(options?: PlacementQuestion): Promise<PlacementFacts>;
  /** Volumes and their classes, in the same way, and nothing of nodes and pods. */
  storageFacts(options?: Interruptible): Promise<StorageFacts>;
  /** Every node with what its agent says of it; undefined where no agent is about, nor has left a report. */
  seeNodes(options?: NodesQuestion): Promise<NodesSeen | undefined>;
  dryRun(object: KubeObject, options: ApplyOptions): Promise<DryRun>;
  /** Server-side apply under our field manager. With `resourceVersion` in the object's metadata it is a precondition. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** Deletes exactly this object: its UID, and its resourceVersion where one is given, are preconditions. */
  delete(live: KubeObject, options?: Interruptible): Promise<void>;
  /** Waits until the object is gone; throws when it is not within `timeoutMs`. */
  waitGone(live: KubeObject, timeoutMs: number, options?: Interruptible): Promise<void>;
}

/** Where ready packages of drivers may be had. A question that gets no answer is answered as unknown, with why: nothing is thrown but the reason of a signal. */
export interface DriverRegistry {
  /** Answers by the keys of their questions. */
  ask(questions: readonly RegistryQuestion[], options?: Interruptible): Promise<RegistryAnswers>;
}

/** Time, injected so that tests own it. */
export interface Clock {
  now(): Date;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a pass reaches the world through. */
export interface Ports {
  readonly repository: Repository;
  readonly cluster: Cluster;
  readonly statusBranch: StatusBranch | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody is asked for ready drivers where unset. */
  readonly registry?: DriverRegistry | undefined;
}
