import { describe, expect, it } from 'vitest';
import type { Annotation, PullRequest } from '../../../reconciler/forge-port.ts';
import { githubFixture } from './fixture.ts';

const { standIn, forgeAt } = await githubFixture();

const PATCH = [
  '@@ -1,2 +1,3 @@',
  ' kind: WekaCluster',
  '-  cores: 1',
  '+  cores: 2',
  '+  hugepages: 3',
  '@@ -40 +41,20 @@',
  ...Array.from({ length: 20 }, (_, at) => `+line ${41 + at}`),
].join('\n');

async function opened(token: string) {
  const github = await standIn();
  const { state } = github;
  const warned: object[] = [];
  state.tokens.set('ghs_app', { login: 'weka-planner[bot]', kind: 'installation' });
  state.pull(7, { files: [{ filename: 'logo.png' }, { filename: 'cluster.yaml', patch: PATCH }] });
  const forge = await forgeAt(github, {
    credentials: () => Promise.resolve({ token }),
    log: { warn: (fields) => warned.push(fields) },
  });
  const pull = (await forge.pullRequest(7))!;
  await forge.self();
  github.heard.length = 0;
  const annotate = (annotations: readonly Annotation[], name = 'weka-gitops/prod', on: PullRequest = pull) =>
    forge.annotate(on, name, annotations);
  return { github, state, annotate, pull, warned };
}

const at = (line: number, more: Partial<Annotation> = {}): Annotation => ({
  file: 'cluster.yaml',
  line,
  level: 'warning',
  title: `Finding ${line}`,
  text: `Line ${line} asks for too much.`,
  ...more,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => at(index + 1));

describe('annotations as a check', () => {
  it('are one request while they are few, and none where they are shown already', async () => {
    const { github, state, annotate } = await opened('ghs_app');

    await annotate([at(2), at(3, { level: 'error' })]);
    await annotate([at(2), at(3, { level: 'error' })]);

    expect(github.lines().filter((line) => !line.startsWith('GET'))).toEqual([
      'POST /repos/acme/infra/check-runs 201',
    ]);
    expect(state.checks).toMatchObject([
      { name: 'weka-gitops/prod', status: 'completed', conclusion: 'failure', title: '1 error, 1 warning' },
    ]);
    expect(state.checks[0]!.annotations[0]).toEqual({
      path: 'cluster.yaml',
      start_line: 2,
      end_line: 2,
      annotation_level: 'warning',
      title: 'Finding 2',
      message: 'Line 2 asks for too much.',
    });
  });

  it('go fifty by fifty where they are many, and beyond 300 are only counted', async () => {
    const { github, state, annotate } = await opened('ghs_app');

    await annotate(many(120));
    await annotate(many(1000));

    expect(state.checks.map(({ annotations, summary }) => [annotations.length, summary])).toEqual([
      [120, '120 warnings.'],
      [300, '1000 warnings. The last 700 are left out here.'],
    ]);
    expect(
      github
        .lines()
        .filter((line) => line.startsWith('P'))
        .map((line) => line.split(' ')[0]),
    ).toEqual(['POST', 'PATCH', 'PATCH', 'POST', ...Array<string>(5).fill('PATCH')]);
  });

  it('that changed are a new check in place of the one before, down to none', async () => {
    const { github, state, annotate } = await opened('ghs_app');

    await annotate([]);
    await annotate([at(2)]);
    await annotate([]);
    await annotate([]);

    expect(github.lines().filter((line) => !line.startsWith('GET'))).toHaveLength(2);
    expect(state.checks.map(({ conclusion, annotations }) => [conclusion, annotations.length])).toEqual([
      ['neutral', 1],
      ['success', 0],
    ]);
  });

  it('that were cut short are shown in whole by a new check', async () => {
    const { github, state, annotate } = await opened('ghs_app');
    github.plan({ at: /^PATCH/, isDone: true, how: { status: 502, body: 'Bad gateway' } });

    await expect(annotate(many(120))).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    await annotate(many(120));

    expect(state.checks.map(({ status, annotations }) => [status, annotations.length])).toEqual([
      ['in_progress', 100],
      ['completed', 120],
    ]);
  });

  it('become review comments where the app has no right to checks, which is told once', async () => {
    const { github, state, annotate, warned } = await opened('ghs_app');
    const headers = { 'x-accepted-github-permissions': 'checks=write' };
    github.plan({
      at: /check-runs$/,
      times: 9,
      how: { status: 403, headers, body: '{"message":"Resource not accessible by integration"}' },
    });

    await annotate([at(2)]);
    await annotate([at(3)]);

    expect([...state.reviewComments.values()].map(({ line }) => line)).toEqual([3]);
    expect(github.lines().filter((line) => line.includes('check-runs'))).toHaveLength(1);
    expect(warned).toMatchObject([
      { code: 'FORGE_FORBIDDEN', why: expect.stringContaining('lacks checks=write') as string },
    ]);
  });
});

describe('annotations as review comments', () => {
  it('stand at lines that the pull request shows, the gravest ten of them, in one review', async () => {
    const { github, state, annotate } = await opened('ghp_ours');
    const elsewhere = [at(30), at(2, { file: 'other.yaml' }), at(1, { file: 'logo.png' })];

    await annotate([
      ...elsewhere,
      ...many(14).map((each) => ({ ...each, line: each.line + 40 })),
      at(2, { level: 'error' }),
    ]);

    const comments = [...state.reviewComments.values()];
    expect(comments.map(({ line }) => line)).toEqual([2, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(comments[0]!.body).toMatch(
      /^<!-- weka-gitops-annotation \S+ \S+ -->\n\*\*Finding 2\*\*\n\nLine 2 asks for too much\.$/,
    );
    expect(state.reviews).toMatchObject([
      { author: 'weka-bot', state: 'COMMENTED', body: 'weka-gitops/prod: 10 findings at changed lines.' },
    ]);
    expect(github.lines().filter((line) => !line.startsWith('GET'))).toHaveLength(1);
  });

  it('are never there twice, and go when they are no longer so', async () => {
    const { github, state, annotate } = await opened('ghp_ours');

    await annotate([at(2), at(3)]);
    await annotate([at(2), at(3)]);
    expect(github.lines().filter((line) => !line.startsWith('GET'))).toHaveLength(1);

    await annotate([at(3), at(41)]);
    expect([...state.reviewComments.values()].map(({ line }) => line)).toEqual([3, 41]);
    await annotate([]);
    expect(state.reviewComments.size).toBe(0);
  });

  it('are not there twice after an answer was lost', async () => {
    const { github, state, annotate } = await opened('ghp_ours');
    github.plan({ at: /^POST .*reviews$/, isDone: true, how: { status: 502, body: 'Bad gateway' } });

    await expect(annotate([at(2)])).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    await annotate([at(2)]);

    expect(state.reviewComments.size).toBe(1);
  });

  it('leave alone what others wrote, what is of another name, and what somebody has answered', async () => {
    const { state, annotate } = await opened('ghp_ours');
    await annotate([at(2)]);
    const [answered] = state.reviewComments.values();
    await annotate([at(2)], 'weka-gitops/test');
    const commit = answered!.commit;
    state.reviewComment({ ...answered!, author: 'mallory' });
    state.reviewComment({
      pull: 7,
      author: 'anna',
      body: 'Why?',
      path: 'cluster.yaml',
      line: 2,
      commit,
      replyTo: answered!.id,
    });

    await annotate([]);

    expect(state.reviewComments.size).toBe(4);
    await annotate([], 'weka-gitops/test');
    expect([...state.reviewComments.values()].map(({ author }) => author)).toEqual([
      'weka-bot',
      'mallory',
      'anna',
    ]);
  });

  it('are written anew where a push has made them outdated', async () => {
    const { state, annotate } = await opened('ghp_ours');
    await annotate([at(2)]);
    for (const comment of state.reviewComments.values()) comment.line = null;

    await annotate([at(2)]);

    expect([...state.reviewComments.values()].map(({ line }) => line)).toEqual([2]);
  });
});
