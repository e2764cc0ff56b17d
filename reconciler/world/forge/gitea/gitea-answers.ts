import * as z from 'zod';
import type { Comment, CommitStatus, Permission, PullRequest, Review } from '../../../forge-port.ts';
import type { CommitSha } from '../../../ports.ts';

// What is read of the answers of Gitea's API; Forgejo gives the same.

const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Sha = z
  .string()
  .regex(/^[0-9a-f]{40}$/)
  .transform((text) => text as CommitSha);
const Id = z.int().min(1);

export const Account = z.looseObject({ login: z.string().min(1) });

export const PullRequestAnswer = z.looseObject({
  number: Id,
  title: z.string(),
  user: Account,
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged: z.boolean(),
  merge_commit_sha: z.string().nullish(),
  updated_at: Time,
  comments: z.int(),
  review_comments: z.int().optional(),
  head: z.looseObject({
    /** The branch; empty where it was pushed to `refs/for/…`, which takes no branch and no right to write. */
    label: z.string(),
    ref: z.string(),
    /** Empty where the head is lost. */
    sha: z.union([Sha, z.literal('')]),
    repo_id: z.int(),
    repo: z.looseObject({ full_name: z.string() }).nullish(),
  }),
  base: z.looseObject({ ref: z.string(), repo_id: z.int() }),
});
export type PullRequestAnswer = z.infer<typeof PullRequestAnswer>;

/** Undefined for one whose commits are lost. */
export function pullRequestOf(answer: PullRequestAnswer): PullRequest | undefined {
  const { head, base, merged, merge_commit_sha: mergeCommit } = answer;
  if (head.sha === '') return undefined;
  return {
    number: answer.number,
    title: answer.title,
    author: answer.user.login,
    url: answer.html_url,
    state: merged ? 'merged' : answer.state,
    isDraft: answer.draft ?? false,
    head: {
      commit: head.sha,
      branch: head.label || head.ref,
      ...(head.repo ? { repository: head.repo.full_name } : {}),
    },
    base: base.ref,
    // Whoever may read may push to `refs/for/…`.
    isFork: head.repo_id !== base.repo_id || head.label === '',
    updatedAt: answer.updated_at,
    ...(merged && mergeCommit ? { mergeCommit: mergeCommit as CommitSha } : {}),
  };
}

export const CommentAnswer = z.looseObject({
  id: Id,
  user: Account,
  body: z.string(),
  html_url: z.string(),
  created_at: Time,
  updated_at: Time,
});

export function commentOf(answer: z.infer<typeof CommentAnswer>): Comment {
  return {
    id: answer.id,
    author: answer.user.login,
    text: answer.body,
    url: answer.html_url,
    createdAt: answer.created_at,
    updatedAt: answer.updated_at,
    isEdited: answer.updated_at.getTime() !== answer.created_at.getTime(),
  };
}

export const ReviewAnswer = z.looseObject({
  id: Id,
  /** Absent where a team was asked for a review. */
  user: Account.nullish(),
  state: z.string(),
  dismissed: z.boolean().optional(),
  commit_id: z.string(),
  comments_count: z.int(),
  submitted_at: Time,
});
export type ReviewAnswer = z.infer<typeof ReviewAnswer>;

const VERDICTS: ReadonlyMap<string, Review['verdict']> = new Map([
  ['APPROVED', 'approved'],
  ['REQUEST_CHANGES', 'changes-requested'],
  ['COMMENT', 'commented'],
]);

/** Undefined for one that was not handed in. */
export function reviewOf({ user, state, dismissed, ...answer }: ReviewAnswer): Review | undefined {
  const verdict = VERDICTS.get(state);
  if (verdict === undefined || !user) return undefined;
  return {
    author: user.login,
    verdict: dismissed === true ? 'dismissed' : verdict,
    commit: answer.commit_id as CommitSha,
    at: answer.submitted_at,
  };
}

export const ReviewCommentAnswer = z.looseObject({
  id: Id,
  user: Account,
  body: z.string(),
  path: z.string(),
  /** Line of the file as the pull request has it; 0 for a line that it takes away. */
  position: z.int(),
  resolver: Account.nullish(),
});
export type ReviewCommentAnswer = z.infer<typeof ReviewCommentAnswer>;

export const CombinedStatusAnswer = z.looseObject({
  statuses: z
    .array(
      z.looseObject({
        context: z.string(),
        status: z.string(),
        description: z.string(),
        target_url: z.string(),
      }),
    )
    .nullish(),
});

type StatusAnswer = NonNullable<z.infer<typeof CombinedStatusAnswer>['statuses']>[number];

const STATES: ReadonlySet<string> = new Set(['pending', 'success', 'failure', 'error']);

export function statusOf(answer: StatusAnswer): CommitStatus {
  const { context, status, description, target_url: url } = answer;
  // Gitea knows more of them than we write.
  const state = STATES.has(status) ? (status as CommitStatus['state']) : 'error';
  return { context, state, description, ...(url === '' ? {} : { url }) };
}

export const PermissionAnswer = z.looseObject({
  permission: z
    .enum(['none', 'read', 'write', 'admin', 'owner'])
    .transform((permission): Permission => (permission === 'owner' ? 'admin' : permission)),
});

/** A folder is a list of what is in it. */
export const ContentAnswer = z.union([
  z.looseObject({
    type: z.enum(['file', 'symlink', 'submodule', 'dir']),
    sha: z.string(),
    /** In Base64; null where it is no file, or too large. */
    content: z.string().nullish(),
  }),
  z.array(z.unknown()),
]);

export const CommittedAnswer = z.looseObject({ commit: z.looseObject({ sha: Sha }) });

export const BranchAnswer = z.looseObject({ commit: z.looseObject({ id: Sha }) });
