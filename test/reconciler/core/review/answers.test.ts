import { describe, expect, it } from 'vitest';
import { type Answer, answerComment } from '../../../../reconciler/core/review/answers.ts';
import { brakeProposal } from '../../../../reconciler/core/review/brake-proposal.ts';
import { parseCommand } from '../../../../reconciler/core/review/commands.ts';
import { readMarker } from '../../../../reconciler/core/review/marker.ts';
import { anExplanation, HEAD, PAGES } from './frames.ts';
import { liveComment, withoutMarker } from './live-comment.ts';

const FRAME = { repository: 'storage/weka', cluster: 'production', answers: 77, pages: PAGES, limit: 65_536 };

const approval = {
  action: 'replace-object',
  target: 'Job weka/format',
  digest: `sha256:${'ab'.repeat(32)}`,
  changes: ['batch/v1/Job/weka/format'],
  path: 'approvals/a.yaml',
  file: 'kind: Approval\n',
};

function shown(answer: Answer, limit = 65_536): string {
  return withoutMarker(answerComment(answer, { ...FRAME, limit }).text);
}

describe('answerComment', () => {
  it('says which comment it answers', () => {
    const { text, marker } = answerComment({ to: 'plan', result: 'refused', why: 'It is closed.' }, FRAME);
    expect(readMarker(text)).toEqual(marker);
    expect(marker).toMatchObject({ kind: 'answer', answers: 77 });
    expect(parseCommand(text)).toBeUndefined();
  });

  it('tells of an approval that was committed', () => {
    const file = 'weka/approvals/a.yaml';
    expect(shown({ to: 'approve', result: 'committed', approval, file, commit: HEAD })).toBe(
      `### production: approved\n\nreplace-object of Job weka/format, for 1 change: \`weka/approvals/a.yaml\` is committed as [\`aaaaaaa\`](https://forge.example/storage/weka/commit/${HEAD}).\n\nThe plan follows.\n`,
    );
  });

  it('prints the file where it may not commit it', () => {
    const file = { path: 'weka/approvals/a.yaml', text: 'kind: Approval\nreason: "```"\n' };
    const why = 'The branch is in another repository.';
    expect(shown({ to: 'approve', result: 'printed', approval, file, why })).toBe(
      '### production: the Approval to commit\n\nThe branch is in another repository.\n\nCommit `weka/approvals/a.yaml`:\n\n````yaml\nkind: Approval\nreason: "```"\n````\n',
    );
  });

  it('says why a command was not followed', () => {
    const answer = {
      to: 'approve',
      result: 'refused',
      why: 'You opened it, @ada.',
      hint: 'Ask another.',
    } as const;
    expect(shown(answer)).toBe(
      '### production: `/weka-gitops approve` was not followed\n\nYou opened it, `@ada.`\n\nHint: Ask another.\n',
    );
  });

  it('leads to the pull request that would suspend or resume', () => {
    const pullRequest = { number: 8, url: 'https://forge.example/storage/weka/pulls/8' };
    expect(shown({ to: 'suspend', result: 'proposed', pullRequest })).toBe(
      '### production: suspending it is proposed\n\nMerge [`#8`](https://forge.example/storage/weka/pulls/8) if this is what you want.\n',
    );
  });

  it('tells less of what is too long to explain, and says so', async () => {
    const owners = Array.from({ length: 50 }, (_, n) => ({
      manager: `manager-${n}-${'x'.repeat(100)}`,
      operation: 'Apply' as const,
      ours: false,
    }));
    const explanation = anExplanation('deployment/weka/web', { owners });
    const whole = shown({ to: 'explain', result: 'explained', explanation });
    expect(whole).not.toContain('Shortened');
    const less = answerComment(
      { to: 'explain', result: 'explained', explanation },
      { ...FRAME, limit: 4000 },
    ).text;
    expect(less.length).toBeLessThanOrEqual(4000);
    expect(less).toContain('Shortened to fit: `weka-gitops explain deployment/weka/web` prints everything.');
    const least = answerComment(
      { to: 'explain', result: 'explained', explanation },
      { ...FRAME, limit: 500 },
    ).text;
    expect(least).toContain('It is too long for a comment');
    for (const text of [less, least]) expect(await liveComment(text)).toEqual([]);
  });
});

describe('brakeProposal', () => {
  it('has what a person wrote in its text alone', () => {
    const wish = { verb: 'suspend', reason: 'fixes #1 for @team' } as const;
    expect(brakeProposal(wish, { cluster: 'production', by: 'ada' })).toEqual({
      title: 'Suspend production',
      message: 'Suspend production',
      text: 'Once this is merged, no pass writes anything to production: fixes `#1` for `@team`\n\n`ada` asked for it by `/weka-gitops suspend`.\n',
    });
    expect(brakeProposal({ verb: 'resume' }, { cluster: 'production', by: 'ada' }).title).toBe(
      'Resume production',
    );
  });
});
