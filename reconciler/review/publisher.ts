import { findingAnnotations } from '../core/review/annotations.ts';
import {
  headStatus,
  isSameStatus,
  saysNothing,
  statusContext,
  unplannedStatus,
  unshownStatus,
} from '../core/review/commit-status.ts';
import type { OwnComment, PlanMarker } from '../core/review/marker.ts';
import { isSameComment, planComment } from '../core/review/plan-comment.ts';
import type { Told, ToldError } from '../core/review/told.ts';
import { type Acknowledgement, type GateState, NOTHING, undiverged } from '../core/review/undiverged.ts';
import { ReconcilerError } from '../errors.ts';
import type { CommitStatus, Forge, PullRequest } from '../forge-port.ts';
import type { Clock, CommitSha, Interruptible } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import { isForgeWide } from './forge-trouble.ts';
import type { PlanResult } from './planner.ts';

export interface PublisherOptions {
  readonly forge: Forge;
  readonly clock: Clock;
  readonly cluster: string;
  /** Folder of the repository that holds the manifests. */
  readonly folder: string;
  /** Where commit statuses link to. */
  readonly statusUrl: string | undefined;
  readonly annotations: boolean;
}

/** What is said of a pull request. */
export interface Saying {
  readonly result:
    PlanResult | { readonly result: 'failed'; readonly base: CommitSha; readonly error: ToldError };
  readonly conversation: Conversation;
  /** Whether the comment is not what we wrote any more. */
  readonly isTampered: boolean;
  /** The last comment whose command was handled; 0 where there was none. */
  readonly handled: number;
  /** What was remembered of the plans shown, where the comment that should tell it is gone. */
  readonly remembered: GateState | undefined;
  /** Whether annotations that belong there are not. */
  readonly isUnannotated: boolean;
  /** Asked only where the plan is another one than people have looked at. */
  readonly acknowledgements: () => Promise<readonly Acknowledgement[]>;
}

/** What stands on the pull request afterwards. */
export interface Said {
  readonly hasComment: boolean;
  /** The comment's text, as the forge keeps it; undefined where nothing was written. */
  readonly text: string | undefined;
  readonly status: CommitStatus;
  /** What is to be remembered of the plans shown. */
  readonly state: GateState | undefined;
  readonly isUnannotated: boolean;
  /** What the first part of it failed of that was not said. */
  readonly failure: ReconcilerError | undefined;
}

/** Says on pull requests what merging them would do, and writes nothing that is there already. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /**
   * The comment, the commit status and annotations, each of them whatever becomes of the others. Throws nothing that a
   * part of it fails of.
   */
  async say(pullRequest: PullRequest, saying: Saying, options: Interruptible): Promise<Said> {
    const { forge, clock, cluster, statusUrl } = this.#options;
    const { conversation, handled, isTampered, result } = saying;
    const failures: ReconcilerError[] = [];
    const part = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ReconcilerError)) throw error;
        options.signal?.throwIfAborted();
        failures.push(error);
        return undefined;
      }
    };
    const { head, number, isFork } = pullRequest;
    const at = clock.now();
    const before = conversation.plan?.marker;
    // Where nobody can be found to have looked, nobody has: what is said meanwhile is that the plan is another.
    const acknowledgements = async () => (await part(saying.acknowledgements)) ?? [];
    const { told, state } = await this.#told(pullRequest, { ...saying, acknowledgements }, at, options);
    const comment = planComment(told, {
      repository: forge.repository,
      cluster,
      head: head.commit,
      base: result.base,
      isFork,
      at,
      pages: forge.pages,
      limit: forge.commentLimit,
      before,
      state,
      handled,
    });
    const isNew =
      comment !== undefined &&
      (before === undefined ||
        isTampered ||
        before.head !== head.commit ||
        !isSameComment(before, comment.marker));
    const place = { cluster, url: statusUrl };
    let text: string | undefined;
    let status = headStatus(told, place);
    if (isNew) {
      const { plan } = conversation;
      const before = failures.length;
      const written = await part(() =>
        plan === undefined
          ? forge.comment(number, comment.text, options)
          : forge.editComment(plan.comment.id, comment.text, options),
      );
      text = written?.text;
      const [unshown] = failures.slice(before);
      // Nobody can have looked at it.
      if (unshown !== undefined && status.state === 'success') status = unshownStatus(unshown, place);
    }
    await part(() => this.setStatus(head.commit, status, options));
    // They belong to the same plan as the comment, so where that is written they are.
    let { isUnannotated } = saying;
    if (isNew || isUnannotated) {
      isUnannotated = true;
      await part(async () => {
        await this.#annotate(pullRequest, told, options);
        isUnannotated = false;
      });
    }
    await part(() => this.#removeSurplus(conversation.surplus, options));
    const [failure] = failures;
    return { hasComment: comment !== undefined, text, status, state, isUnannotated, failure };
  }

  /** Takes back that all is well with a head, which is not known any more. */
  async sayUnplanned({ head }: PullRequest, error: ReconcilerError, options: Interruptible): Promise<void> {
    const { forge, cluster, statusUrl } = this.#options;
    const shown = await forge.commitStatus(head.commit, statusContext(cluster), options);
    if (shown?.state !== 'success') return;
    const status = unplannedStatus(error, { cluster, url: statusUrl });
    await forge.setCommitStatus(head.commit, status, options);
  }

  /** Sets a commit's status, where the forge does not show it already. */
  async setStatus(commit: CommitSha, status: CommitStatus, options: Interruptible): Promise<void> {
    const { forge } = this.#options;
    const shown = await forge.commitStatus(commit, status.context, options);
    if (!isSameStatus(shown, status)) await forge.setCommitStatus(commit, status, options);
  }

  /** Says that the plan of a head is being made, where nothing is said of it yet. */
  async sayPlanning({ head }: PullRequest, options: Interruptible): Promise<void> {
    const { forge, cluster, statusUrl } = this.#options;
    if ((await forge.commitStatus(head.commit, statusContext(cluster), options)) !== undefined) return;
    const status = headStatus('planning', { cluster, url: statusUrl });
    await forge.setCommitStatus(head.commit, status, options);
  }

  async #told(
    { head }: PullRequest,
    { result, conversation, remembered, isTampered, acknowledgements }: Saying,
    at: Date,
    options: Interruptible,
  ): Promise<{ readonly told: Told; readonly state: GateState | undefined }> {
    const { plan: shownPlan } = conversation;
    const before = shownPlan?.marker.gate ?? remembered;
    switch (result.result) {
      case 'conflict':
        return { told: { result: 'conflict', files: result.files }, state: before };
      case 'failed':
        return { told: { result: 'failed', error: result.error }, state: before };
      case 'untouched': {
        const { base, unaccepted } = result;
        const shown = { head: head.commit, base, digest: NOTHING, at };
        const told: Told = { result: 'nothing', unaccepted };
        return { told, state: shownPlan === undefined ? undiverged(before, shown).state : before };
      }
      case 'planned': {
        const { plan, alsoWithout, settingsChanges: changes, files, unaccepted, remarks } = result;
        const shown = { head: head.commit, base: result.base, digest: plan.digest, at };
        const known =
          before ?? (shownPlan === undefined ? await this.#nothingShown(shown, options) : undefined);
        const unseen = undiverged(known, shown);
        const seenSince = shownPlan?.comment.updatedAt;
        const { state, gate } =
          // What somebody made of it is not what anybody should have looked at.
          unseen.gate.is === 'moved' && !isTampered
            ? undiverged(known, shown, await acknowledgements(), seenSince)
            : unseen;
        const { folder } = this.#options;
        const told: Told = {
          result: 'planned',
          plan,
          gate,
          files,
          folder,
          settingsChanges: changes,
          alsoWithout,
          unaccepted,
          remarks,
        };
        return { told, state };
      }
    }
  }

  /** Where nothing changed there is no comment, and the status alone tells that people may have looked. */
  async #nothingShown(
    { head, at }: { readonly head: CommitSha; readonly at: Date },
    options: Interruptible,
  ): Promise<GateState | undefined> {
    const { forge, cluster } = this.#options;
    try {
      const status = await forge.commitStatus(head, statusContext(cluster), options);
      if (status === undefined || !saysNothing(status, { cluster })) return undefined;
    } catch (error) {
      if (!(error instanceof ReconcilerError) || isForgeWide(error)) throw error;
      return undefined;
    }
    const nothing = { digest: NOTHING, reviewed: NOTHING, shownAt: at.toISOString() };
    return { head, base: '', reviewedBase: '', ...nothing };
  }

  async #annotate(pullRequest: PullRequest, told: Told, options: Interruptible): Promise<void> {
    const { forge, cluster, annotations } = this.#options;
    if (!annotations) return;
    const shown =
      told.result === 'planned' ? findingAnnotations(told.plan.findings, { files: told.files }) : [];
    await forge.annotate(pullRequest, statusContext(cluster), shown, options);
  }

  async #removeSurplus(surplus: readonly OwnComment<PlanMarker>[], options: Interruptible): Promise<void> {
    for (const { comment } of surplus) await this.#options.forge.deleteComment(comment.id, options);
  }
}
