import { createHash } from 'node:crypto';
import * as z from 'zod';
import { inline } from '../../../core/report/markdown-text.ts';
import type { Annotation, PullRequest } from '../../../forge-port.ts';
import type { Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { changedLines } from './changed-lines.ts';
import type { GithubRepository } from './github-repository.ts';

/** More would bury what people say. */
const MOST = 10;
const ORDER: readonly Annotation['level'][] = ['error', 'warning', 'notice'];

const ReviewComment = z.object({
  id: z.int(),
  user: z.object({ login: z.string() }).nullish(),
  body: z.string(),
  path: z.string(),
  /** None where the pull request shows that line no more. */
  line: z.int().nullish(),
  in_reply_to_id: z.int().nullish(),
});

/**
 * Shows annotations as review comments: the gravest ones at lines that the pull request changes. Those that are there
 * already stay, others of that name go, save where somebody has answered.
 */
export async function annotateByReview(
  { client, repository, self }: { client: ForgeClient; repository: GithubRepository; self: string },
  { number, head }: PullRequest,
  name: string,
  annotations: readonly Annotation[],
  options?: Interruptible,
): Promise<void> {
  const there = await client.list(
    ReviewComment,
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
    { ...repository, pull_number: number, per_page: 100 },
    options,
  );
  const ours = there.filter(({ user, body }) => user?.login === self && body.startsWith(markerStart(name)));
  if (annotations.length === 0 && ours.length === 0) return;

  const wanted = await gravest({ client, repository }, number, annotations, options);
  const unused = new Set(ours);
  const missing = wanted.filter((each) => {
    const same = [...unused].find(
      ({ path, line, body }) =>
        path === each.file && line === each.line && body.startsWith(marker(name, each)),
    );
    return same === undefined || !unused.delete(same);
  });
  if (missing.length > 0) {
    await client.request(
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      {
        ...repository,
        pull_number: number,
        commit_id: head.commit,
        event: 'COMMENT',
        body: `${inline(name)}: ${missing.length === 1 ? 'one finding' : `${missing.length} findings`} at changed lines.`,
        comments: missing.map((each) => ({
          path: each.file,
          line: each.line,
          side: 'RIGHT',
          body: textOf(name, each),
        })),
      },
      options,
    );
  }
  const answered = new Set(there.map(({ in_reply_to_id }) => in_reply_to_id));
  for (const { id } of unused) {
    if (!answered.has(id)) await deleted({ client, repository }, id, options);
  }
}

async function gravest(
  reach: { client: ForgeClient; repository: GithubRepository },
  number: number,
  annotations: readonly Annotation[],
  options: Interruptible | undefined,
): Promise<readonly Annotation[]> {
  if (annotations.length === 0) return [];
  const lines = await changedLines(reach, number, new Set(annotations.map(({ file }) => file)), options);
  return annotations
    .filter(({ file, line }) => lines.get(file)?.some(([first, last]) => first <= line && line <= last))
    .toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
    .slice(0, MOST);
}

async function deleted(
  { client, repository }: { client: ForgeClient; repository: GithubRepository },
  id: number,
  options: Interruptible | undefined,
): Promise<void> {
  try {
    const route = 'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}';
    await client.request(route, { ...repository, comment_id: id }, options);
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'FORGE_NOT_FOUND') throw error;
  }
}

function textOf(name: string, each: Annotation): string {
  return `${marker(name, each)}\n**${inline(each.title)}**\n\n${each.text}`;
}

/** By which a comment of ours is known again; nothing in it ends a comment of HTML. */
function marker(name: string, { level, title, text }: Annotation): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([level, title, text]))
    .digest('base64url');
  return `${markerStart(name)}${digest} -->`;
}

function markerStart(name: string): string {
  return `<!-- weka-gitops-annotation ${Buffer.from(name).toString('base64url')} `;
}
