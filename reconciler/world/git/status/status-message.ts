/** Who writes status commits. */
export const STATUS_AUTHOR = 'weka-gitops';

const COUNT = 'Status-Commits';
const TRAILER = /^[A-Za-z0-9-]+: \S/;

/**
 * The message with how many commits the branch has, this one included. Written down, since counting them would mean
 * to fetch them.
 */
export function withCommitCount(message: string, count: number): string {
  const text = message.trimEnd();
  const paragraphs = text.split(/\n{2,}/);
  const last = paragraphs.at(-1) ?? '';
  const isBlock = paragraphs.length > 1 && last.split('\n').every((line) => TRAILER.test(line));
  return `${text}${isBlock ? '\n' : '\n\n'}${COUNT}: ${count}\n`;
}

/** What `withCommitCount` wrote; undefined for a commit of somebody else. */
export function commitCount(message: string): number | undefined {
  const paragraphs = message.trimEnd().split(/\n{2,}/);
  const value = new RegExp(`^${COUNT}: ([1-9]\\d{0,8})$`, 'm').exec(paragraphs.at(-1) ?? '')?.[1];
  return value === undefined ? undefined : Number(value);
}

/** Whether we wrote a commit to tell a status. */
export function isStatusCommit({
  author,
  message,
}: {
  readonly author: string;
  readonly message: string;
}): boolean {
  return author === STATUS_AUTHOR && commitCount(message) !== undefined;
}
