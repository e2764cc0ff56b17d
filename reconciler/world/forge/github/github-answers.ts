import * as z from 'zod';
import type { Comment, CommitStatus, Permission, PullRequest, Review } from '../../../forge-port.ts';
import type { CommitSha } from '../../../ports.ts';

export const Sha = z
  .string()
  .regex(/^[0-9a-f]{40}$/)
  .transform((sha) => sha as CommitSha);

const When = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Whoever has deleted the account is shown as this one. */
const Author = z
  .object({ login: z.string() })
  .nullish()
  .transform((user) => user?.login ?? 'ghost');

const NamedRepository = z.object({ full_name: z.string() });

export const GithubPullRequest = z
  .object({
    number: z.int(),
    title: z.string(),
    user: Author,
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    draft: z.boolean().nullish(),
    head: z.object({ sha: Sha, ref: z.string(), repo: NamedRepository.nullish() }),
    base: z.object({ ref: z.string(), repo: NamedRepository }),
    updated_at: When,
    merged_at: z.string().nullish(),
    merge_commit_sha: Sha.nullish(),
  })
  .transform((given): PullRequest => {
    const { head, base, merged_at, merge_commit_sha } = given;
    const isMerged = typeof merged_at === 'string';
    const repository = head.repo?.full_name;
    return {
      number: given.number,
      title: given.title,
      author: given.user,
      url: given.html_url,
      state: isMerged ? 'merged' : given.state,
      isDraft: given.draft ?? false,
      head: {
        commit: head.sha,
        branch: head.ref,
        ...(repository === undefined ? {} : { repository }),
      },
      base: base.ref,
      isFork: repository?.toLowerCase() !== base.repo.full_name.toLowerCase(),
      updatedAt: given.updated_at,
      // Of one that is open it is a merge that GitHub only tried.
      ...(isMerged && merge_commit_sha ? { mergeCommit: merge_commit_sha } : {}),
    };
  });

export const GithubComment = z
  .object({
    id: z.int(),
    user: Author,
    body: z.string().nullish(),
    html_url: z.string(),
    created_at: When,
    updated_at: When,
  })
  .transform((given): Comment => ({
    id: given.id,
    author: given.user,
    text: given.body ?? '',
    url: given.html_url,
    createdAt: given.created_at,
    updatedAt: given.updated_at,
    isEdited: given.updated_at.getTime() !== given.created_at.getTime(),
  }));

const VERDICTS: Readonly<Record<string, Review['verdict']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** Undefined for one that is not handed in, or whose commit is gone. */
export const GithubReview = z
  .object({
    user: Author,
    state: z.string(),
    commit_id: Sha.nullish(),
    submitted_at: When.nullish(),
  })
  .transform(({ user, state, commit_id, submitted_at }): Review | undefined => {
    const verdict = VERDICTS[state];
    if (verdict === undefined || !commit_id || !submitted_at) return undefined;
    return { author: user, verdict, commit: commit_id, at: submitted_at };
  });

export const GithubStatus = z
  .object({
    context: z.string(),
    state: z.enum(['pending', 'success', 'failure', 'error']),
    description: z.string().nullish(),
    target_url: z.string().nullish(),
  })
  .transform(({ context, state, description, target_url }): CommitStatus => ({
    context,
    state,
    description: description ?? '',
    ...(target_url ? { url: target_url } : {}),
  }));

/** `maintain` and `triage` are told as the nearest of these. */
export const GithubPermission = z
  .object({ permission: z.string() })
  .transform(({ permission }): Permission => {
    switch (permission) {
      case 'admin':
      case 'write':
      case 'read':
        return permission;
      case 'maintain':
        return 'write';
      case 'triage':
        return 'read';
      default:
        return 'none';
    }
  });
