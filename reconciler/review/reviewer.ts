import type { PassConfig } from '../assess.ts';
import { sha256Hex } from '../core/kube/hash.ts';
import type { GateState } from '../core/review/undiverged.ts';
import { ReconcilerError } from '../errors.ts';
import type { PullRequest } from '../forge-port.ts';
import type { ReviewConfig } from '../config/forge-config.ts';
import type { Cluster, CommitSha } from '../ports.ts';
import { acknowledgementsOf } from './acknowledgements.ts';
import { Answering, type LeftAnswers } from './answering.ts';
import { Answers } from './answers.ts';
import { CommandEar, type Heard } from './commands.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { isForgeWide } from './forge-trouble.ts';
import { Planner, type PlanResult } from './planner.ts';
import { Publisher, type Said } from './publisher.ts';
import type { Visit, Why } from './pull-request-queue.ts';
import type { ReviewDuty } from './review-duty.ts';
import { isOld, isSamePage, planAgainMs, type ToldPlan, toldPlan, wordsOf } from './told-plan.ts';

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
  /** What was planned and told in whole. */
  told: ToldPlan | undefined;
  readonly answers: LeftAnswers;
}

/** Hashes of a comment of ours: of its first line, and of all of it. */
interface Written {
  readonly marker: string;
  readonly text: string;
}

/** A plan that was made before the page was read; undefined where none had to be. */
interface PlanBeside {
  readonly result: PlanResult | undefined;
  /** Whether that is what was told. */
  readonly isTold: boolean;
}

const NOT_PLANNED: PlanBeside = { result: undefined, isTold: false };

/** A pull request as it was found. */
interface Looked {
  readonly conversation: Conversation;
  readonly known: Known;
  readonly heard: Heard;
  readonly result: PlanResult | undefined;
}

/** What is told where no plan could be made. */
interface FailedPlan {
  readonly result: 'failed';
  readonly base: CommitSha;
  readonly error: ReconcilerError;
}

/** After so long it is said that a plan is being made. */
const SLOW_MS = 2_000;
/** Nothing that concerns the page of the pull request itself. */
const BESIDE: ReadonlySet<Why> = new Set(['base', 'cluster', 'time']);
/** Anything else that moved asks for another plan. */
const JUST_TALK: ReadonlySet<Why> = new Set(['said', 'retry']);

/** Looks at one pull request at a time: plans it, answers who asks, and says what it would do. */
export class Reviewer {
  readonly #duty: ReviewerDuty;
  readonly #config: ReviewerConfig;
  readonly #planner: Planner;
  readonly #publisher: Publisher;
  readonly #ear: CommandEar;
  readonly #answering: Answering;
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
    const answers = new Answers({ forge, planner: this.#planner, cluster, folder });
    this.#answering = new Answering({ forge, log, cluster, answers });
  }

  /** Forgets all pull requests but these. */
  keepOnly(numbers: ReadonlySet<number>): void {
    for (const number of this.#known.keys()) if (!numbers.has(number)) this.#known.delete(number);
  }

  /** In how long a pull request is to be planned again, though nothing is heard to move. */
  planAgainMs(number: number): number {
    return planAgainMs(this.#known.get(number)?.told, this.#duty.clock.now());
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
    const known = this.#known.get(pullRequest.number);
    if (known !== undefined) known.told = undefined;
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
    const { result, isTold } = await this.#planBeside(visit, signal);
    if (isTold) return undefined;
    const conversation = await readConversation(forge, number, cluster, { signal });
    const known = this.#knownOf(number, conversation);
    const heard = await this.#hear(conversation, known, signal);
    const isNeeded = this.#isPlanNeeded(why, conversation, known, heard);
    const said = isNeeded
      ? await this.#tell(visit, { conversation, known, heard, result }, { signal, stop })
      : undefined;
    if (!isNeeded) this.#foundAsTold(visit.pullRequest, known);
    if (said?.failure === undefined) known.seen = heard.seen;
    return said;
  }

  async #tell(
    { pullRequest, why }: Visit,
    { conversation, known, heard: { given, handled: heard = known.handled }, result: planned }: Looked,
    { signal, stop }: Required<VisitOptions>,
  ): Promise<Said> {
    const result = planned ?? (await this.#plan(pullRequest, why, conversation, signal));
    let unanswered: ReconcilerError | undefined;
    if (result.result !== 'failed') {
      const about = { pullRequest, result, left: known.answers };
      for (const each of given) unanswered = (await this.#answering.answer(each, about, stop)) ?? unanswered;
    }
    const handled = unanswered === undefined ? heard : known.handled;
    const acknowledgements = () => acknowledgementsOf(pullRequest, given, this.#duty, { signal });
    const isTampered = this.#isTampered(conversation, known);
    const { gate: remembered, isUnannotated } = known;
    const saying = { result, conversation, isTampered, handled, remembered, isUnannotated, acknowledgements };
    known.told = undefined;
    const said = await this.#publisher.say(pullRequest, saying, { signal });
    known.hasComment = said.hasComment;
    known.isUnannotated = said.isUnannotated;
    if (said.text !== undefined) known.written = writtenOf(said.text);
    if (result.result === 'failed') return { ...said, failure: result.error };
    if (said.failure !== undefined) return said;
    known.gate = said.state;
    known.told = toldPlan(pullRequest, result, said, this.#duty.time.now());
    if (unanswered !== undefined) return { ...said, failure: unanswered };
    known.handled = handled;
    return said;
  }

  /**
   * The plan where it has to be made before anything is read: where it is as it was told, the forge need not be asked, which
   * counts how often it is, while base and cluster move for all pull requests at once.
   */
  async #planBeside({ pullRequest, why }: Visit, signal: AbortSignal): Promise<PlanBeside> {
    const known = this.#known.get(pullRequest.number);
    const told = known?.told;
    const isBeside = [...why].every((each) => BESIDE.has(each));
    if (known === undefined || told === undefined || known.isUnannotated || !isBeside) return NOT_PLANNED;
    if (!isSamePage(told, pullRequest)) return NOT_PLANNED;
    // Where nothing is heard to move, nothing is read, however long ago that was done.
    if (isOld(told, this.#duty.time.now()) && [...why].some((each) => each !== 'time')) return NOT_PLANNED;
    const result = await this.#planner.plan(pullRequest, signal);
    return { result, isTold: wordsOf(result) === told.words };
  }

  /** What stands on the page is what was told. */
  #foundAsTold({ head, updatedAt }: PullRequest, known: Known): void {
    if (known.told?.head !== head.commit) return;
    known.told = { ...known.told, updatedAt: updatedAt.getTime(), at: this.#duty.time.now() };
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
        told: undefined,
        answers: { unsaid: new Map(), failures: new Map() },
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
}

function writtenOf(text: string): Written {
  const [marker = ''] = text.split(/\r?\n/, 1);
  return { marker: sha256Hex(marker), text: sha256Hex(text) };
}
