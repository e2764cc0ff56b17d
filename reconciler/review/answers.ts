import { posix } from 'node:path';
import { parseDocument } from 'yaml';
import type { Answer } from '../core/review/answers.ts';
import { approvalOf } from '../core/review/approval-of.ts';
import { brakeProposal } from '../core/review/brake-proposal.ts';
import type { Command } from '../core/review/commands.ts';
import { ReconcilerError } from '../errors.ts';
import type { Comment, Forge, PullRequest } from '../forge-port.ts';
import type { CommitSha } from '../ports.ts';
import type { AwaitedOutput } from '../../schemas/output/plan.ts';
import type { GivenCommand } from './commands.ts';
import { isForgeWide } from './forge-trouble.ts';
import type { Planner, PlanResult } from './planner.ts';
import { settingsEdit } from './settings-file.ts';
import { isApiWide } from './visit-causes.ts';

interface AnswersOptions {
  readonly forge: Forge;
  readonly planner: Planner;
  readonly cluster: string;
  /** Folder of the repository that holds the manifests. */
  readonly folder: string;
}

type Wish<Verb extends Command['verb']> = Extract<Command, { verb: Verb }>;

/** What a command is about. */
interface About {
  readonly pullRequest: PullRequest;
  readonly comment: Comment;
  readonly signal: AbortSignal;
}

/** Follows commands, and says what came of it. */
export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Undefined where the comment that tells the plan is the answer. `result` is the plan of the pull request as it is now. */
  async answer(
    { command, comment }: GivenCommand,
    pullRequest: PullRequest,
    result: PlanResult,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const about = { pullRequest, comment, signal };
    try {
      return await this.#follow(command, result, about);
    } catch (error) {
      signal.throwIfAborted();
      // What time mends is tried again; so is what stands in the way of all that is done.
      if (!(error instanceof ReconcilerError) || error.retry === 'next-pass') throw error;
      if (isForgeWide(error) || isApiWide(error)) throw error;
      return refused(command.verb, error.message, error.hint);
    }
  }

  async #follow(command: Command, result: PlanResult, about: About): Promise<Answer | undefined> {
    switch (command.verb) {
      case 'plan':
        return undefined;
      case 'explain':
        return await this.#explain(command, about);
      case 'approve':
        return await this.#approve(command, result, about);
      case 'suspend':
      case 'resume':
        return await this.#propose(command, about);
    }
  }

  async #explain({ target, field }: Wish<'explain'>, { pullRequest, signal }: About): Promise<Answer> {
    if (pullRequest.isFork) return refused('explain', 'Nothing is explained on pull requests from forks.');
    const explanation = await this.#options.planner.explain(pullRequest, { target, field }, signal);
    if (explanation === undefined) return refused('explain', 'The pull request cannot be merged as it is.');
    return { to: 'explain', result: 'explained', explanation };
  }

  async #approve(
    { digest }: Wish<'approve'>,
    result: PlanResult,
    { pullRequest, comment, signal }: About,
  ): Promise<Answer> {
    if (isSameLogin(comment.author, pullRequest.author)) {
      return refused(
        'approve',
        'Who opened the pull request cannot approve it.',
        'Have somebody else approve it.',
      );
    }
    const { approvals, approved } = result.result === 'planned' ? consentIn(result) : NO_CONSENT;
    const named = approvalOf(approvals, digest);
    if (named.found === 'none' && approved.some((each) => each.startsWith(digest))) {
      return refused('approve', 'The branch has an Approval of that digest already.');
    }
    if (named.found !== 'one') {
      const why =
        named.found === 'none'
          ? 'The plan waits for no approval of that digest.'
          : 'The plan waits for several approvals whose digests begin so.';
      return refused('approve', why, 'Take the digest from the plan as it is now.');
    }
    const { approval } = named;
    const { forge, folder } = this.#options;
    const file = { path: posix.join(folder, approval.path), text: withReason(approval, comment) };
    const printed = (why: string): Answer => ({ to: 'approve', result: 'printed', approval, file, why });
    const { branch, repository } = pullRequest.head;
    if (pullRequest.isFork || repository === undefined || !isSameLogin(repository, forge.repository)) {
      return printed('The branch is in another repository, so nothing is committed to it.');
    }
    const message = `Approve ${approval.action} of ${approval.target}`;
    return await orPrinted(printed, signal, async () => {
      const commit = await forge.commitFile({ branch, ...file, message }, undefined, { signal });
      return { to: 'approve', result: 'committed', approval, file: file.path, commit };
    });
  }

  async #propose(wish: Wish<'suspend' | 'resume'>, { pullRequest, comment, signal }: About): Promise<Answer> {
    const { forge, planner, cluster, folder } = this.#options;
    const { verb } = wish;
    const base = await planner.baseOf(pullRequest, signal);
    if (base === undefined) return refused(verb, 'The pull request cannot be merged as it is.');
    const edit = settingsEdit(base.files, folder, {
      suspend: wish.verb === 'suspend' ? wish.reason : undefined,
    });
    if (edit.can === 'nothing') return refused(verb, 'The Settings say so already.');
    if (edit.can === 'not') return refused(verb, edit.why, 'Change spec.suspend of the Settings by hand.');
    const { path, text } = edit;
    const { title, message, text: body } = brakeProposal(wish, { cluster, by: comment.author });
    const branch = `weka-gitops/${verb}-${comment.id}`;
    const printed = (why: string): Answer => ({ to: verb, result: 'printed', file: { path, text }, why });
    return await orPrinted(printed, signal, async () => {
      await this.#commitOnce({ branch, path, text, message }, base.commit, signal);
      const request = { title, text: body, head: branch, base: pullRequest.base };
      const { number, url } = await forge.createPullRequest(request, { signal });
      return { to: verb, result: 'proposed', pullRequest: { number, url } };
    });
  }

  /** It may be there from a try whose answer was lost. */
  async #commitOnce(
    change: {
      readonly branch: string;
      readonly path: string;
      readonly text: string;
      readonly message: string;
    },
    from: CommitSha,
    signal: AbortSignal,
  ): Promise<void> {
    const { forge } = this.#options;
    if ((await forge.file(change.branch, change.path, { signal })) === change.text) return;
    await forge.commitFile(change, from, { signal });
  }
}

const NO_CONSENT = { approvals: [], approved: [] };

function consentIn({ plan: { approvals }, approved }: Extract<PlanResult, { result: 'planned' }>) {
  return { approvals, approved };
}

/** What the forge does not let us do, a person may do. */
async function orPrinted(
  printed: (why: string) => Answer,
  signal: AbortSignal,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcilerError) || error.retry === 'next-pass') throw error;
    return printed(error.message);
  }
}

/** What was asked for was not done. */
export function refused(to: Command['verb'], why: string, hint?: string): Answer {
  return { to, result: 'refused', why, ...(hint === undefined ? {} : { hint }) };
}

/** The file that gives consent, and says where somebody gave it. */
function withReason({ file }: AwaitedOutput, { author, url }: Comment): string {
  const document = parseDocument(file);
  document.setIn(['spec', 'reason'], `Approved by ${author} in ${url}`);
  return document.toString({ lineWidth: 0 });
}

function isSameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
