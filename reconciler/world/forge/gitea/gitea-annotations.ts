import type { Annotation, PullRequest } from '../../../forge-port.ts';
import { inline } from '../../../core/report/markdown-text.ts';
import type { Interruptible } from '../../../ports.ts';
import type { ForgeClient, ForgeParameters } from '../client.ts';
import { ReviewAnswer, ReviewCommentAnswer } from './gitea-answers.ts';
import { giteaFile } from './gitea-files.ts';
import { listAll } from './gitea-list.ts';
import { isForgeError } from './is-forge-error.ts';

/** Review comments of one name on a pull request at most: each is told to whoever follows it. */
const MOST = 10;

/** A review of ours, or one that was not handed in, with its comments. */
interface Shown {
  readonly review: ReviewAnswer;
  readonly comments: readonly ReviewCommentAnswer[];
}

export interface AnnotationPlace {
  readonly client: ForgeClient;
  /** `owner` and `repo`. */
  readonly repository: ForgeParameters;
  /** Our login. */
  readonly self: string;
  readonly pullRequest: PullRequest;
  readonly name: string;
}

/**
 * Makes review comments show the first annotations and no others of that name. One that is shown already stays, also where
 * a person has resolved it; one that no longer holds is deleted, or resolved where somebody has answered it.
 */
export async function annotate(
  place: AnnotationPlace,
  annotations: readonly Annotation[],
  options?: Interruptible,
): Promise<void> {
  const wanted = mostImportant(annotations).map((annotation) => reviewComment(annotation, place.name));
  const missing = new Map(wanted.map((comment) => [keyOf(comment), comment]));
  const stale: Stale[] = [];
  for (const { review, comments } of await shown(place, options)) {
    // What was begun and not handed in would be handed in with the next review.
    const isPending = review.state === 'PENDING';
    const mine = comments.filter((comment) => isOurs(comment, place));
    const kept = isPending ? [] : mine.filter((comment) => missing.delete(keyOf(comment)));
    const gone = mine.filter((comment) => !kept.includes(comment));
    if (gone.length > 0) stale.push({ review, comments, gone });
    for (const comment of kept) {
      // We resolved it when it did not hold; now it does again.
      if (comment.resolver?.login === place.self) await setResolved(place, comment, false, options);
    }
  }
  for (const each of stale) await takeAway(place, each, options);
  const written = await thatHaveALine(place, [...missing.values()], options);
  if (written.length === 0) return;
  await place.client.request(
    'POST /repos/{owner}/{repo}/pulls/{index}/reviews',
    {
      ...place.repository,
      index: place.pullRequest.number,
      event: 'COMMENT',
      commit_id: place.pullRequest.head.commit,
      comments: written.map(({ path, position, body }) => ({ path, new_position: position, body })),
    },
    options,
  );
}

/** Gitea fails at lines beyond the end of a file. */
async function thatHaveALine(
  { client, repository, pullRequest }: AnnotationPlace,
  comments: readonly WantedComment[],
  options?: Interruptible,
): Promise<readonly WantedComment[]> {
  const lines = new Map<string, number>();
  for (const { path } of comments) {
    if (lines.has(path)) continue;
    const file = await giteaFile(client, repository, pullRequest.head.commit, path, options);
    lines.set(path, file?.text.trimEnd().split('\n').length ?? 0);
  }
  return comments.filter(({ path, position }) => position <= (lines.get(path) ?? 0));
}

interface Stale extends Shown {
  /** Those that no longer hold. */
  readonly gone: readonly ReviewCommentAnswer[];
}

/** Reviews with comments of that name. */
async function shown(place: AnnotationPlace, options?: Interruptible): Promise<readonly Shown[]> {
  const { client, repository, self } = place;
  const index = place.pullRequest.number;
  const route = 'GET /repos/{owner}/{repo}/pulls/{index}/reviews';
  const { elements } = await listAll(client, ReviewAnswer, route, { ...repository, index }, options);
  const found: Shown[] = [];
  for (const review of elements) {
    if (review.user?.login !== self || review.comments_count === 0) continue;
    const comments = await client.find(
      ReviewCommentAnswer.array(),
      'GET /repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments',
      { ...repository, index, id: review.id },
      options,
    );
    if (comments?.some((comment) => isOurs(comment, place))) found.push({ review, comments });
  }
  return found;
}

async function takeAway(
  place: AnnotationPlace,
  { review, comments, gone }: Stale,
  options?: Interruptible,
): Promise<void> {
  const { client, repository, pullRequest } = place;
  if (gone.length === comments.length) {
    // Without its comments nothing is left of it.
    const id = review.id;
    await gently(
      client.request(
        'DELETE /repos/{owner}/{repo}/pulls/{index}/reviews/{id}',
        { ...repository, index: pullRequest.number, id },
        options,
      ),
    );
    return;
  }
  for (const comment of gone) {
    const isAnswered = comments.some(
      (other) => other.path === comment.path && other.position === comment.position && !isOurs(other, place),
    );
    if (isAnswered) {
      if (!comment.resolver) await setResolved(place, comment, true, options);
      continue;
    }
    const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{id}';
    await gently(client.request(route, { ...repository, id: comment.id }, options));
  }
}

async function setResolved(
  { client, repository }: AnnotationPlace,
  { id }: ReviewCommentAnswer,
  resolved: boolean,
  options?: Interruptible,
): Promise<void> {
  const deed = resolved ? 'resolve' : 'unresolve';
  // Older ones have no such request, and not every account may.
  await gently(
    client.request(`POST /repos/{owner}/{repo}/pulls/comments/{id}/${deed}`, { ...repository, id }, options),
  );
}

/** That it is gone, or not to be had, is no reason to show less. */
async function gently(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isForgeError(error, 'FORGE_NOT_FOUND') && !isForgeError(error, 'FORGE_FORBIDDEN')) throw error;
  }
}

const LEVELS = ['error', 'warning', 'notice'] as const;
const WORDS = { error: 'Error', warning: 'Warning', notice: 'Notice' } as const;

function mostImportant(annotations: readonly Annotation[]): readonly Annotation[] {
  return annotations.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)).slice(0, MOST);
}

type WantedComment = Pick<ReviewCommentAnswer, 'path' | 'position' | 'body'>;

function reviewComment({ file, line, level, title, text }: Annotation, name: string): WantedComment {
  const body = `**${WORDS[level]}:** ${inline(title)}\n\n${text}\n\n${markerOf(name)}`;
  return { path: file, position: line, body };
}

/** By it we know again what we wrote: nobody sees it on the page. */
function markerOf(name: string): string {
  return `<!-- weka-gitops-annotation ${Buffer.from(name).toString('base64url')} -->`;
}

function isOurs({ user, body }: ReviewCommentAnswer, { self, name }: AnnotationPlace): boolean {
  return user.login === self && body.endsWith(markerOf(name));
}

function keyOf({ path, position, body }: WantedComment): string {
  return JSON.stringify([path, position, body]);
}
