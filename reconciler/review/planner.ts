import { assess, type Pass, type PassConfig, type Prepare, preparedOnce, proved } from '../assess.ts';
import { forecast } from '../core/forecast/forecast.ts';
import { plainMark } from '../core/plan/mark.ts';
import { planOutput } from '../core/report/json.ts';
import { forkView } from '../core/review/fork-view.ts';
import { type SettingsChange, settingsChanges } from '../core/review/settings-changes.ts';
import type { AlsoWithout, Remarks } from '../core/review/told.ts';
import { ReconcilerError } from '../errors.ts';
import { explainQuestion, type ExplainPorts, type Question } from '../explain-question.ts';
import type { MergeHead, MergePreview, Merges, PullRequest, Unaccepted } from '../forge-port.ts';
import type { Clock, Cluster, CommitSha, DriverRegistry, Interruptible, Snapshot } from '../ports.ts';
import { answeredRegistry } from '../permitted-registry.ts';
import { readRecord } from '../recorder.ts';
import type { Explanation } from '../../schemas/output/explanation.ts';
import type { Plan } from '../../schemas/output/plan.ts';
import { unlessAborted } from '../world/live/or-aborted.ts';
import { compared, isUntouched, sameManifests } from './base-and-merge.ts';
import { isAnythingUnseen, mergeView } from './merge-view.ts';
import { previewCluster } from './preview-cluster.ts';

/** What merging a pull request would do. */
export type PlanResult =
  /** Nothing can be said before a person has merged these files. */
  | { readonly result: 'conflict'; readonly base: CommitSha; readonly files: readonly string[] }
  /** Nothing of what the base asks for changes. */
  | { readonly result: 'untouched'; readonly base: CommitSha; readonly unaccepted?: Unaccepted }
  | PlannedMerge;

export interface PlannedMerge {
  readonly result: 'planned';
  readonly base: CommitSha;
  /** What the merge brings, with the way that passes go from there; of a fork, without Secrets. */
  readonly plan: Plan;
  readonly alsoWithout: AlsoWithout;
  readonly settingsChanges: readonly SettingsChange[];
  /** Files that differ between both, wherever in the repository. */
  readonly files: readonly string[];
  /** Digests that the merge has an Approval of. */
  readonly approved: readonly string[];
  /** When consent runs out that is there now, the earliest first. */
  readonly consentEnds: readonly Date[];
  /** Why the head's commit would not be applied as it is. */
  readonly unaccepted?: Unaccepted;
  readonly remarks: Remarks;
}

/** What plans are made through. */
export interface PlannerPorts extends Pick<ExplainPorts, 'facts' | 'node'> {
  readonly merges: Merges;
  /** Answered from memory, where there is one that is kept up to date. */
  readonly cluster: Cluster;
  /** The same cluster, asked each time. */
  readonly fresh: Cluster;
  readonly clock: Clock;
  /** Where ready packages of drivers may be had; nobody is asked where unset. */
  readonly registry?: DriverRegistry | undefined;
  /** Grows whenever something in the cluster moves. */
  moves(): number;
}

/** The plan of the base alone, and what it was made at. */
interface KnownBase {
  readonly commit: CommitSha;
  readonly moves: number;
  readonly at: number;
  readonly pass: Promise<Pass>;
}

/** Consent runs out, and what the base waits for with it. */
const BASE_HOLDS_MS = 30_000;

/** Plans what merging pull requests would do. Only what was made of the base is kept from one to the next. */
export class Planner {
  readonly #ports: PlannerPorts;
  readonly #config: PassConfig;
  readonly #prepare = preparedOnce();
  #base: KnownBase | undefined;

  constructor(ports: PlannerPorts, config: PassConfig) {
    this.#ports = ports;
    this.#config = config;
  }

  /** Reads repository and cluster, and has the API server check each write. `signal` gives all of it up. */
  async plan(pullRequest: PullRequest, signal: AbortSignal): Promise<PlanResult> {
    const preview = await this.#preview(pullRequest, signal);
    if (preview.result === 'conflict') return preview;
    const { isFork } = pullRequest;
    const { base, merged, files, unaccepted } = preview;
    const accepted = unaccepted === undefined ? {} : { unaccepted };
    const untouched = { result: 'untouched', base: base.commit, ...accepted } as const;
    if (sameManifests(base, merged)) return untouched;
    signal.throwIfAborted();

    const whole = await this.#passOf(base, { signal });
    const before = this.#prepare(base, this.#config);
    const cluster = previewCluster(this.#ports.fresh, whole, signal);
    let specs: ReturnType<Prepare> | undefined;
    const pass = await assess(async () => merged, cluster, this.#config, {
      now: this.#ports.clock.now(),
      signal,
      settings: before.specs.settings,
      prepare: (snapshot, config, under) => (specs = this.#prepare(snapshot, config, under)),
      // Who proposes it could try what a hash that is shown is the hash of.
      ...(isFork ? { mark: plainMark } : {}),
      // Nor may they choose whom this process asks.
      registry: isFork ? answeredRegistry(whole.drivers?.answers ?? new Map()) : this.#ports.registry,
    });
    if (specs === undefined) throw new Error('A pass reads its manifests.');
    const view = mergeView(
      { pass: whole, specs: before },
      { pass, specs },
      { isFork, files, snapshots: [base, merged] },
    );
    const { base: alone, merge: after, remarks } = view;
    if (isUntouched(alone, after) && !isAnythingUnseen(remarks)) return untouched;

    const approvals = specs.specs.specs.flatMap((spec) =>
      spec.kind === 'Approval' ? [spec.approval.spec] : [],
    );
    // The reconciler may more than who plans for it.
    const assessment = await proved(after.pass, cluster, { onBehalf: true });
    signal.throwIfAborted();
    const { own, others, undone } = compared(alone, after, assessment);
    const ahead = forecast(after.pass.input, assessment.changes);
    const shown = isFork ? forkView(own, ahead) : { assessment: own, forecast: ahead };
    const besides = planOutput(isFork ? forkView(others).assessment : others);
    return {
      result: 'planned',
      base: base.commit,
      plan: planOutput(shown.assessment, shown.forecast),
      alsoWithout: { changes: besides.changes, undone, findings: besides.findings.length },
      settingsChanges: settingsChanges(before.specs.ownSettings, specs.specs.ownSettings),
      files,
      approved: approvals.map(({ approvalDigest }) => approvalDigest),
      consentEnds: approvals
        .map(({ expires }) => new Date(expires))
        .filter((end) => end.getTime() > this.#ports.clock.now().getTime())
        .toSorted((one, other) => one.getTime() - other.getTime()),
      ...accepted,
      remarks,
    };
  }

  /** Why something is as it would be after the merge. Undefined where there can be no merge. */
  async explain(
    pullRequest: PullRequest,
    question: Question,
    signal: AbortSignal,
  ): Promise<Explanation | undefined> {
    const { fresh, clock, facts, node, registry } = this.#ports;
    const preview = await this.#preview(pullRequest, signal);
    if (preview.result === 'conflict') return undefined;
    const { base, merged } = preview;
    const whole = await this.#passOf(base, { signal });
    const { settings } = this.#prepare(base, this.#config).specs;
    const cluster = previewCluster(fresh, whole, signal);
    const ports = { cluster, clock, facts, node };
    return await explainQuestion(question, async () => merged, ports, this.#config, {
      settings,
      signal,
      registry,
      onBehalf: true,
    });
  }

  /** The manifests of the base that a pull request shall go to. Undefined where there can be no merge. */
  async baseOf(pullRequest: PullRequest, signal: AbortSignal): Promise<Snapshot | undefined> {
    // Somebody may ask right after a merge, of which no poll has told yet.
    await this.#ports.merges.base({ signal });
    const preview = await this.#preview(pullRequest, signal);
    return preview.result === 'conflict' ? undefined : preview.base;
  }

  /** A base that what was applied last is no part of is no base: the reconciler does not carry it out either. */
  async #preview(pullRequest: PullRequest, signal: AbortSignal): Promise<MergePreview> {
    const { merges, cluster } = this.#ports;
    const { record } = await readRecord(cluster, this.#config.installation, { signal });
    const options = { signal, lastApplied: record.lastCommit as CommitSha | undefined };
    const head = mergeHead(pullRequest);
    try {
      return await merges.preview(head, options);
    } catch (error) {
      if (!(error instanceof ReconcilerError) || error.code !== 'HISTORY_REWRITTEN') throw error;
      // What was applied may be newer than the base that was seen last.
      await merges.base({ signal });
      return await merges.preview(head, options);
    }
  }

  /** The plan of the base alone. All that ask for the same one share it, so none of them can give it up. */
  async #passOf(snapshot: Snapshot, options: Interruptible): Promise<Pass> {
    const { cluster, clock } = this.#ports;
    const { commit } = snapshot;
    const now = clock.now();
    const moves = this.#ports.moves();
    const known = this.#base;
    const isCurrent = known?.commit === commit && known.moves === moves;
    if (known !== undefined && isCurrent && Math.abs(now.getTime() - known.at) < BASE_HOLDS_MS) {
      return await unlessAborted(known.pass, options);
    }
    const { registry } = this.#ports;
    const pass = assess(async () => snapshot, cluster, this.#config, {
      now,
      prepare: this.#prepare,
      registry,
    });
    const made: KnownBase = { commit, moves, at: now.getTime(), pass };
    this.#base = made;
    pass.catch(() => {
      if (this.#base === made) this.#base = undefined;
    });
    return await unlessAborted(pass, options);
  }
}

function mergeHead({ number, head, isFork }: PullRequest): MergeHead {
  return { commit: head.commit, ref: `refs/pull/${number}/head`, isTrusted: !isFork };
}
