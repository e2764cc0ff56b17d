import type { PassConfig } from '../assess.ts';
import { sha256Hex } from '../core/kube/hash.ts';
import { type Answer, answerComment } from '../core/review/answers.ts';
import type { GateState } from '../core/review/undiverged.ts';
import { ReconcilerError } from '../errors.ts';
import type { PullRequest } from '../forge-port.ts';
import type { ReviewConfig } from '../config/forge-config.ts';
import type { Cluster, CommitSha } from '../ports.ts';
import { acknowledgementsOf } from './acknowledgements.ts';
import { Answers } from './answers.ts';
import { CommandEar, type GivenCommand, type Heard } from './commands.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { isForgeWide } from './forge-trouble.ts';
import { Planner, type PlanResult } from './planner.ts';
import { Publisher, type Said } from './publisher.ts';
import type { Visit, Why } from './pull-request-queue.ts';
import type { ReviewDuty } from './review-duty.ts';

/** Whether the cluster is watched is all the same for one visit. */
export type ReviewerDuty = Omit<ReviewDuty, 'cluster' | 'metrics' | 'random'> & {
  readonly cluster: Cluster;
};

export interface ReviewerConfig {
  readonly pass: PassConfig;
  readonly review: Pick<ReviewConfig, 'annotations' | 'commands'>;
  /** Folder of the repository that holds the manifests. */
  readonly folder: string;
  /** Where commit statuses link to. */
  readonly statusUrl: string | undefined;
}

export interface VisitOptions {
  /** Gives all of it up. */
  readonly signal: AbortSignal;
  /** Gives up what follows a command: a commit of ours moves the head, and must not end the visit that makes it. */
  readonly stop?: AbortSignal;
}

/** What is remembered of a pull request besides what its comment says: few numbers. */
interface Known {
  /** The last comment that was listened to. */
  seen: number;
  /** The last one that was a command. */
  handled: number;
  /** Whether there should be a comment. */
  hasComment: boolean;
  /** What we wrote last; undefined where that was before our time. */
  written: Written | undefined;
  /** What was shown of it, should the comment that tells it go. */
  gate: GateState | undefined;
  /** Whether annotations that belong there are not. */
  isUnannotated: boolean;
  /** Answers that could not be said yet, by the comment that they answer. */
  readonly unsaid: Map<number, Answer>;
}

/** Hashes of a comment of ours: of its first line, and of all of it. */
interface Written {
  readonly marker: string;
  readonly text: string;
}

/** What is told where no plan could be made. */
interface FailedPlan {
  readonly result: 'failed';
  readonly base: CommitSha;
  readonly error: ReconcilerError;
}

/** After so long it is said that a plan is being made. */
const SLOW_MS = 2_000;
/** Anything else that moved asks for another plan. */
const JUST_TALK: ReadonlySet<Why> = new Set(['said', 'retry']);

/** Looks at one pull request at a time: plans it, answers who asks, and says what it would do. */
export class Reviewer {
  readonly #duty: ReviewerDuty;
  readonly #config: ReviewerConfig;
  readonly #planner: Planner;
  readonly #publisher: Publisher;
  readonly #ear: CommandEar;
  readonly #answers: Answers;
  readonly #known = new Map<number, Known>();

  constructor(duty: ReviewerDuty, config: ReviewerConfig, moves: () => number) {
    const { forge, clock, log } = duty;
    const { pass, folder, statusUrl, review } = config;
    const { cluster } = pass;
    this.#duty = duty;
    this.#config = config;
    this.#planner = new Planner({ ...duty, moves }, pass);
    const { annotations } = review;
    this.#publisher = new Publisher({ forge, clock, cluster, folder, statusUrl, annotations });
    this.#ear = new CommandEar({ forge, log, cluster, startedAt: clock.now() });
    this.#answers = new Answers({ forge, planner: this.#planner, cluster, folder });
  }

  /** Forgets all pull requests but these. */
  keepOnly(numbers: ReadonlySet<number>): void {
    for (const number of this.#known.keys()) if (!numbers.has(number)) this.#known.delete(number);
  }

  /**
   * Gives what it said; undefined where there was nothing new to say. Throws the ReconcilerError that it fails of; what of
   * it is done then is not done again.
   */
  async visit(visit: Visit, { signal, stop = signal }: VisitOptions): Promise<Said | undefined> {
    let said: Said | undefined;
    try {
      said = await this.#look(visit, { signal, stop });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ReconcilerError) await this.#takeBack(visit, error, signal);
      throw error;
    }
    if (said?.failure !== undefined) throw said.failure;
    return said;
  }

  /** That all is well was said of what may have moved since. */
  async #takeBack({ pullRequest, why }: Visit, error: ReconcilerError, signal: AbortSignal): Promise<void> {
    if ([...why].every((each) => JUST_TALK.has(each)) || isForgeWide(error)) return;
    try {
      await this.#publisher.sayUnplanned(pullRequest, error, { signal });
    } catch (failed) {
      signal.throwIfAborted();
      // The visit is made again whatever it failed of.
      if (!(failed instanceof ReconcilerError)) throw failed;
    }
  }

  async #look(visit: Visit, { signal, stop }: Required<VisitOptions>): Promise<Said | undefined> {
    const { forge } = this.#duty;
    const { why } = visit;
    const { number } = visit.pullRequest;
    const { cluster } = this.#config.pass;
    const conversation = await readConversation(forge, number, cluster, { signal });
    const known = this.#knownOf(number, conversation);
    const heard = await this.#hear(conversation, known, signal);
    const isNeeded = this.#isPlanNeeded(why, conversation, known, heard);
    const said = isNeeded ? await this.#tell(visit, conversation, known, heard, { signal, stop }) : undefined;
    if (said?.failure === undefined) known.seen = heard.seen;
    return said;
  }

  async #tell(
    { pullRequest, why }: Visit,
    conversation: Conversation,
    known: Known,
    { given, handled = known.handled }: Heard,
    { signal, stop }: Required<VisitOptions>,
  ): Promise<Said> {
    const result = await this.#plan(pullRequest, why, conversation, signal);
    if (result.result !== 'failed') {
      for (const each of given) await this.#answer(each, pullRequest, result, known, stop);
    }
    const acknowledgements = () => acknowledgementsOf(pullRequest, given, this.#duty, { signal });
    const isTampered = this.#isTampered(conversation, known);
    const { gate: remembered, isUnannotated } = known;
    const saying = { result, conversation, isTampered, handled, remembered, isUnannotated, acknowledgements };
    const said = await this.#publisher.say(pullRequest, saying, { signal });
    known.hasComment = said.hasComment;
    known.isUnannotated = said.isUnannotated;
    if (said.text !== undefined) known.written = writtenOf(said.text);
    if (result.result === 'failed') return { ...said, failure: result.error };
    if (said.failure !== undefined) return said;
    known.gate = said.state;
    known.handled = handled;
    return said;
  }

  #knownOf(number: number, { plan }: Conversation): Known {
    let known = this.#known.get(number);
    if (known === undefined) {
      known = {
        seen: 0,
        handled: 0,
        hasComment: false,
        written: undefined,
        gate: undefined,
        isUnannotated: false,
        unsaid: new Map(),
      };
      this.#known.set(number, known);
    }
    known.handled = Math.max(known.handled, plan?.marker.handled ?? 0);
    known.seen = Math.max(known.seen, known.handled);
    return known;
  }

  async #hear(conversation: Conversation, { seen }: Known, signal: AbortSignal): Promise<Heard> {
    if (!this.#config.review.commands) return { given: [], seen, handled: undefined };
    return await this.#ear.hear(conversation, seen, { signal });
  }

  #isPlanNeeded(why: ReadonlySet<Why>, conversation: Conversation, known: Known, { given }: Heard): boolean {
    const { plan, surplus } = conversation;
    if ([...why].some((each) => !JUST_TALK.has(each))) return true;
    if (given.length > 0 || surplus.length > 0 || this.#isTampered(conversation, known)) return true;
    // Somebody deleted it; or may have looked at what it says now.
    if (plan === undefined) return known.hasComment;
    const { gate } = plan.marker;
    return gate !== undefined && gate.reviewed !== gate.digest;
  }

  /** Who may write may edit what anybody wrote. Another marker is that of another planner, which has more to say. */
  #isTampered({ plan }: Conversation, { written }: Known): boolean {
    if (plan === undefined || written === undefined) return false;
    const { marker, text } = writtenOf(plan.comment.text);
    return marker === written.marker && text !== written.text;
  }

  async #plan(
    pullRequest: PullRequest,
    why: ReadonlySet<Why>,
    { plan }: Conversation,
    signal: AbortSignal,
  ): Promise<PlanResult | FailedPlan> {
    const quick = new AbortController();
    const slow = this.#sayWhenSlow(pullRequest, AbortSignal.any([signal, quick.signal]));
    try {
      return await this.#planner.plan(pullRequest, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcilerError)) throw error;
      // What time may mend is told once it has failed again.
      if (error.retry === 'next-pass' && !why.has('retry')) throw error;
      const base = plan?.marker.base ?? (await this.#duty.merges.base({ signal }));
      return { result: 'failed', base: base as CommitSha, error };
    } finally {
      quick.abort();
      await slow;
    }
  }

  /** A failure of it is told by what is said of the plan, which fails of the same. */
  async #sayWhenSlow(pullRequest: PullRequest, signal: AbortSignal): Promise<void> {
    try {
      await this.#duty.time.sleep(SLOW_MS, signal);
      await this.#publisher.sayPlanning(pullRequest, { signal });
    } catch (error) {
      if (!signal.aborted && !(error instanceof ReconcilerError)) throw error;
    }
  }

  async #answer(
    given: GivenCommand,
    pullRequest: PullRequest,
    result: PlanResult,
    { unsaid }: Known,
    signal: AbortSignal,
  ): Promise<void> {
    const { forge } = this.#duty;
    const { id } = given.comment;
    const answer = unsaid.get(id) ?? (await this.#answers.answer(given, pullRequest, result, signal));
    if (answer === undefined) return;
    // What was done for it must not be done again where only the saying fails.
    unsaid.set(id, answer);
    const { repository, pages, commentLimit: limit } = forge;
    const { cluster } = this.#config.pass;
    const { text } = answerComment(answer, { repository, cluster, answers: id, pages, limit });
    await forge.comment(pullRequest.number, text, { signal });
    unsaid.delete(id);
  }
}

function writtenOf(text: string): Written {
  const [marker = ''] = text.split(/\r?\n/, 1);
  return { marker: sha256Hex(marker), text: sha256Hex(text) };
}
