import { commentAnswer, pullAnswer, reviewAnswer, reviewCommentAnswer } from './stand-in-answers.ts';
import { shaOf } from './stand-in-state.ts';
import { failed, invalid, type Route } from './told.ts';

/** Pull requests, and what is said about them. */
export const PULL_ROUTES: Readonly<Record<string, Route>> = {
  'GET /repos/{owner}/{repo}/pulls': (state, { query }) => ({
    status: 200,
    list: [...state.pulls.values()]
      .filter((pull) => pull.state === (query.get('state') ?? 'open'))
      .filter((pull) => !query.has('base') || pull.base === query.get('base'))
      .sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())
      .map((pull) => pullAnswer(state, pull)),
  }),

  'POST /repos/{owner}/{repo}/pulls': (state, { body, account }) => {
    const { title, head, base } = body as { title: string; head: string; base: string };
    const from = state.branches.get(head);
    if (from === undefined || !state.branches.has(base))
      return invalid({ resource: 'PullRequest', message: 'head is invalid' });
    if ([...state.pulls.values()].some((each) => each.state === 'open' && each.head.branch === head)) {
      return invalid({ resource: 'PullRequest', message: `A pull request already exists for acme:${head}.` });
    }
    const pull = state.pull(state.id(), {
      title,
      base,
      author: account!.login,
      head: { branch: head, sha: from.sha, repository: state.repository },
    });
    return { status: 201, body: pullAnswer(state, pull) };
  },

  'GET /repos/{owner}/{repo}/pulls/{pull_number}': (state, { path }) => {
    const pull = state.pulls.get(Number(path['pull_number']));
    return pull === undefined ? failed(404, 'Not Found') : { status: 200, body: pullAnswer(state, pull) };
  },

  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': (state, { path }) => {
    const sha = path['commit_sha'];
    const found = [...state.pulls.values()].filter(
      (pull) => pull.mergeCommit === sha || pull.head.sha === sha,
    );
    return found.length === 0
      ? failed(422, `No commit found for SHA: ${sha}`)
      : { status: 200, list: found.map((pull) => pullAnswer(state, pull)) };
  },

  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': (state, { path }) => ({
    status: 200,
    list: (state.pulls.get(Number(path['pull_number']))?.files ?? []).map((each) => ({
      ...each,
      sha: shaOf(each.filename),
    })),
  }),

  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (state, { path, query }) => {
    const since = query.has('since') ? Date.parse(query.get('since')!) : 0;
    const number = Number(path['issue_number']);
    if (!state.pulls.has(number)) return failed(404, 'Not Found');
    return {
      status: 200,
      list: [...state.comments.values()]
        .filter((each) => each.pull === number && each.updatedAt.getTime() >= since)
        .map((each) => commentAnswer(state, each)),
    };
  },

  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': (state, { path, body, account }) => {
    const { body: text } = body as { body: string };
    if (text.length > 65_536)
      return invalid({ resource: 'IssueComment', message: 'body is too long (maximum is 65536 characters)' });
    const comment = state.comment(Number(path['issue_number']), account!.login, text);
    return { status: 201, body: commentAnswer(state, comment) };
  },

  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (state, { path, body }) => {
    const comment = state.comments.get(Number(path['comment_id']));
    if (comment === undefined) return failed(404, 'Not Found');
    Object.assign(comment, { body: (body as { body: string }).body, updatedAt: state.tick() });
    return { status: 200, body: commentAnswer(state, comment) };
  },

  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': (state, { path }) =>
    state.comments.delete(Number(path['comment_id'])) ? { status: 204 } : failed(404, 'Not Found'),

  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (state, { path }) => ({
    status: 200,
    list: state.reviews.filter((each) => each.pull === Number(path['pull_number'])).map(reviewAnswer),
  }),

  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (state, { path, body, account }) => {
    const pull = state.pulls.get(Number(path['pull_number']));
    if (pull === undefined) return failed(404, 'Not Found');
    const {
      comments = [],
      body: text = '',
      commit_id,
    } = body as {
      comments?: { path: string; line: number; body: string }[];
      body?: string;
      commit_id?: string;
    };
    // Every line has to be one that the pull request shows.
    if (comments.some((each) => !isShown(pull.files, each))) {
      return invalid('Line could not be resolved');
    }
    const review = state.review(pull.number, account!.login, 'COMMENTED', text);
    for (const each of comments) {
      state.reviewComment({
        ...each,
        pull: pull.number,
        author: account!.login,
        commit: commit_id ?? pull.head.sha,
      });
    }
    return { status: 200, body: reviewAnswer(review) };
  },

  'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments': (state, { path }) => ({
    status: 200,
    list: [...state.reviewComments.values()]
      .filter((each) => each.pull === Number(path['pull_number']))
      .map(reviewCommentAnswer),
  }),

  'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}': (state, { path }) =>
    state.reviewComments.delete(Number(path['comment_id'])) ? { status: 204 } : failed(404, 'Not Found'),
};

function isShown(
  files: readonly { filename: string; patch?: string }[],
  { path, line }: { path: string; line: number },
): boolean {
  const patch = files.find(({ filename }) => filename === path)?.patch ?? '';
  let at = 0;
  for (const text of patch.split('\n')) {
    const start = /^@@ .* \+(\d+)/.exec(text)?.[1];
    if (start !== undefined) at = Number(start);
    else if (!text.startsWith('-') && at++ === line) return true;
  }
  return false;
}
