import type {
  StandInCheck,
  StandInComment,
  StandInPull,
  StandInReview,
  StandInReviewComment,
  StandInState,
  StandInStatus,
} from './stand-in-state.ts';

// What of GitHub's answers is ours to tell; the rest is filled in as the description asks for it.

export function pullAnswer(state: StandInState, pull: StandInPull) {
  const { number, head } = pull;
  const repository = (name: string) => ({
    full_name: name,
    name: name.split('/')[1],
    owner: user(name.split('/')[0]!),
  });
  return {
    id: 1000 + number,
    number,
    title: pull.title,
    state: pull.state,
    draft: pull.draft,
    user: pull.author === null ? null : user(pull.author),
    html_url: `https://github.example/${state.repository}/pull/${number}`,
    body: null,
    created_at: text(pull.createdAt),
    updated_at: text(pull.updatedAt),
    closed_at: pull.state === 'closed' ? text(pull.updatedAt) : null,
    merged_at: pull.mergedAt === null ? null : text(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit,
    head: {
      label: `${head.repository?.split('/')[0] ?? 'unknown'}:${head.branch}`,
      ref: head.branch,
      sha: head.sha,
      repo: head.repository === null ? null : repository(head.repository),
      user: user('anna'),
    },
    base: {
      label: pull.base,
      ref: pull.base,
      sha: state.branches.get(pull.base)?.sha,
      repo: repository(state.repository),
      user: user('acme'),
    },
  };
}

export function commentAnswer(state: StandInState, comment: StandInComment) {
  return {
    id: comment.id,
    body: comment.body,
    user: user(comment.author),
    html_url: `https://github.example/${state.repository}/pull/${comment.pull}#issuecomment-${comment.id}`,
    created_at: text(comment.createdAt),
    updated_at: text(comment.updatedAt),
  };
}

export function reviewAnswer(review: StandInReview) {
  const { id, author, state, commit, submittedAt, body } = review;
  const submitted = state === 'PENDING' ? {} : { submitted_at: text(submittedAt) };
  return { id, user: user(author), state, commit_id: commit, body, ...submitted };
}

export function reviewCommentAnswer(comment: StandInReviewComment) {
  return {
    id: comment.id,
    user: user(comment.author),
    body: comment.body,
    path: comment.path,
    line: comment.line,
    commit_id: comment.commit,
    ...(comment.replyTo === undefined ? {} : { in_reply_to_id: comment.replyTo }),
  };
}

export function statusAnswer({ id, context, state, description, target_url }: StandInStatus) {
  return { id, context, state, description, target_url };
}

export function checkAnswer(check: StandInCheck) {
  return {
    id: check.id,
    name: check.name,
    head_sha: check.sha,
    status: check.status,
    conclusion: check.conclusion,
    external_id: check.externalId,
    output: { title: check.title, summary: check.summary, annotations_count: check.annotations.length },
    app: { id: 1, slug: check.app, name: check.app },
  };
}

export function user(login: string) {
  return { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' };
}

function text(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
