/** What a forge says has happened. Nothing is concluded from it but that it is time to look: the truth is always fetched. */
export interface Hint {
  readonly event: 'push' | 'pull_request' | 'comment' | 'other';
  /** `owner/name`. */
  readonly repository?: string;
  /** Number of the pull request that it is about. */
  readonly pullRequest?: number;
  /** What was pushed to: `refs/heads/main`. */
  readonly ref?: string;
}

/** What a delivery tells, as GitHub, Gitea and Forgejo write it; undefined where it is no JSON object. */
export function hintOf(event: string, body: Uint8Array): Hint | undefined {
  const payload = parsed(body);
  if (payload === undefined) return undefined;
  const pullRequest = pullRequestOf(payload);
  const repository = text(member(payload, 'repository', 'full_name'));
  const ref = text(payload['ref']);
  return {
    event: kindOf(event, pullRequest !== undefined),
    ...(repository === undefined ? {} : { repository }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(event === 'push' && ref !== undefined ? { ref } : {}),
  };
}

function kindOf(event: string, isAboutPullRequest: boolean): Hint['event'] {
  if (event === 'push') return 'push';
  // Comments on issues come under the same name as those on pull requests.
  if (!isAboutPullRequest) return 'other';
  if (/^(?:issue_comment|pull_request(?:_review)?_comment)$/.test(event)) return 'comment';
  // Reviews, labels, new commits: each has a name of its own.
  return event.startsWith('pull_request') ? 'pull_request' : 'other';
}

type Payload = Readonly<Record<string, unknown>>;

function parsed(body: Uint8Array): Payload | undefined {
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return objectOf(JSON.parse(utf8));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Payload | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Payload)
    : undefined;
}

function pullRequestOf(payload: Payload): number | undefined {
  const own = number(member(payload, 'pull_request', 'number'));
  if (own !== undefined) return own;
  const issue = objectOf(payload['issue']);
  // GitHub puts the pull request into the issue, Gitea a word beside it.
  const isPullRequest = objectOf(issue?.['pull_request']) !== undefined || payload['is_pull'] === true;
  return isPullRequest ? number(issue?.['number']) : undefined;
}

function member(payload: Payload, outer: string, inner: string): unknown {
  return objectOf(payload[outer])?.[inner];
}

function number(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}

/** A name: short, and without anything that a log or a terminal would obey. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^\p{C}\s]{1,300}$/u.test(value) ? value : undefined;
}
