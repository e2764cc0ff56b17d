import { type Answer, answerComment } from '../core/review/answers.ts';
import { ReconcilerError } from '../errors.ts';
import type { Forge, PullRequest } from '../forge-port.ts';
import type { Log } from '../ports.ts';
import { type Answers, refused } from './answers.ts';
import type { GivenCommand } from './commands.ts';
import { isForgeWide } from './forge-trouble.ts';
import type { PlanResult } from './planner.ts';

interface AnsweringOptions {
  readonly forge: Forge;
  readonly log: Log;
  readonly cluster: string;
  readonly answers: Pick<Answers, 'answer'>;
}

/** What is remembered of commands on a pull request that are not answered yet, by the comments that give them. */
export interface LeftAnswers {
  /** What came of those that were followed. */
  readonly unsaid: Map<number, Answer>;
  /** How often each failed. */
  readonly failures: Map<number, number>;
}

/** A pull request as it is planned now. */
interface AnsweredPullRequest {
  readonly pullRequest: PullRequest;
  readonly result: PlanResult;
  readonly left: LeftAnswers;
}

/** So often a command is tried that fails of what time may mend. */
const MOST_TRIES = 5;

/** Answers commands in comments of their own. None is tried for ever: one that goes on failing is refused, and then left alone. */
export class Answering {
  readonly #options: AnsweringOptions;

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  /** Gives what it failed of, where it is to be tried again; throws what keeps anything else from being said, too. */
  async answer(
    given: GivenCommand,
    about: AnsweredPullRequest,
    signal: AbortSignal,
  ): Promise<ReconcilerError | undefined> {
    const { id } = given.comment;
    const { unsaid, failures } = about.left;
    try {
      await this.#answer(given, about, signal);
      failures.delete(id);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcilerError) || isForgeWide(error)) throw error;
      const tries = (failures.get(id) ?? 0) + 1;
      failures.set(id, tries);
      if (tries < MOST_TRIES) return error;
      if (tries === MOST_TRIES && !unsaid.has(id)) {
        unsaid.set(id, refused(given.command.verb, error.message, error.hint));
        return error;
      }
      failures.delete(id);
      unsaid.delete(id);
      const { code, message: why, hint } = error;
      const fields = { pullRequest: about.pullRequest.number, comment: id, code, why, hint };
      this.#options.log.warn(fields, 'Could not answer a command; it is left alone');
      return undefined;
    }
  }

  async #answer(
    given: GivenCommand,
    { pullRequest, result, left: { unsaid } }: AnsweredPullRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { answers, cluster, forge } = this.#options;
    const { id } = given.comment;
    const answer = unsaid.get(id) ?? (await answers.answer(given, pullRequest, result, signal));
    if (answer === undefined) return;
    // What was done for it must not be done again where only the saying fails.
    unsaid.set(id, answer);
    const { repository, pages, commentLimit: limit } = forge;
    const { text } = answerComment(answer, { repository, cluster, answers: id, pages, limit });
    await forge.comment(pullRequest.number, text, { signal });
    unsaid.delete(id);
  }
}
