import { nearest } from '../../core/spec/nearest.ts';
import { type ErrorDetails, ReconcilerError } from '../../errors.ts';
import { describeBytes, describeCount } from './limits.ts';

export type GitErrorCode =
  | 'REPOSITORY_URL'
  | 'REPOSITORY_AUTH'
  | 'REPOSITORY_NOT_FOUND'
  | 'REPOSITORY_UNREACHABLE'
  | 'REPOSITORY_TIMEOUT'
  | 'REPOSITORY_CORRUPT'
  | 'REPOSITORY_TOO_LARGE'
  | 'REPOSITORY_CACHE'
  | 'REF_NOT_FOUND'
  | 'REF_IS_STATUS'
  | 'PATH_NOT_FOUND'
  | 'HISTORY_REWRITTEN'
  | 'HEAD_NOT_FOUND'
  | 'MERGE_BASE_NOT_FOUND'
  /** One pull request alone: others are planned. */
  | 'MERGE_TOO_LARGE'
  | 'UNRELATED_HISTORIES';

/** Those that time may mend; the others wait for a person. */
const PASSING: ReadonlySet<GitErrorCode> = new Set([
  'REPOSITORY_UNREACHABLE',
  'REPOSITORY_TIMEOUT',
  'REPOSITORY_CORRUPT',
  'REPOSITORY_CACHE',
  'HEAD_NOT_FOUND',
]);

/** The repository could not be read or written. Neither message nor cause ever holds a credential. */
export class GitError extends ReconcilerError {
  readonly code: GitErrorCode;
  readonly retry: 'next-pass' | 'after-change';

  constructor(code: GitErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options);
    this.code = code;
    this.retry = PASSING.has(code) ? 'next-pass' : 'after-change';
  }
}

/** What was too large, with the limit it ran into. */
export function tooLarge(
  what: string,
  limit: { readonly count: number; readonly unit: string } | { readonly bytes: number },
  hint = 'Keep manifests in a repository of their own, or raise the limit.',
): GitError {
  const most = 'bytes' in limit ? describeBytes(limit.bytes) : `${describeCount(limit.count)} ${limit.unit}`;
  return new GitError('REPOSITORY_TOO_LARGE', `${what}; at most ${most} are read.`, { hint });
}

/** Refuses what has more than `most` bytes: `a file`, `an object`. */
export function mustFit(what: string, bytes: number, most: number): void {
  if (bytes > most) throw tooLarge(`The repository has ${what} of ${describeBytes(bytes)}`, { bytes: most });
}

/** No branch or tag of that name. `names` are those that there are. */
export function refNotFound(shown: string, ref: string, names: readonly string[]): GitError {
  const near = nearest(ref, names);
  const some = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${describeCount(names.length - 5)} more` : '';
  const there = names.length === 0 ? 'It has no branch yet' : `It has ${some}${more}`;
  return new GitError('REF_NOT_FOUND', `${shown} has no branch or tag ${ref}.`, {
    hint: near === undefined ? `${there}.` : `Did you mean ${near}? ${there}.`,
  });
}

/** The ref points to a file or a folder, as only a tag can. */
export function notACommit(
  shown: string,
  { oid, type }: { readonly oid: string; readonly type: string },
): GitError {
  return new GitError('REF_NOT_FOUND', `${shown} has a ${type} ${oid} there, and no commit.`, {
    hint: 'Configure a branch, a tag of a commit, or a commit.',
  });
}
