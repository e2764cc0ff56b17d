import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../schemas/output/plan.ts';
import type { Report } from '../../../../schemas/output/report.ts';
import { findingAnnotations } from '../../../../reconciler/core/review/annotations.ts';
import { answerComment } from '../../../../reconciler/core/review/answers.ts';
import { brakeProposal } from '../../../../reconciler/core/review/brake-proposal.ts';
import { closingComment } from '../../../../reconciler/core/review/closing-comment.ts';
import { readMarker, writeMarker } from '../../../../reconciler/core/review/marker.ts';
import { planComment } from '../../../../reconciler/core/review/plan-comment.ts';
import type { Told } from '../../../../reconciler/core/review/told.ts';
import { headingsOf } from '../report/markdown-tree.ts';
import { hostile, withTexts } from '../report/hostile.ts';
import { aFrame, anExplanation, aPlanMarker, AT, HEAD, PAGES, planned } from './frames.ts';
import { liveComment } from './live-comment.ts';

const MARKED = writeMarker(aPlanMarker());
/** Addresses come from our own configuration and from the forge. */
const OURS = 'https://forge.example/storage/weka/pulls/8';
const DIGEST = `sha256:${'5eed'.repeat(16)}`;
const MOVED = { is: 'moved', why: 'base', since: AT.toISOString() } as const;

/** Everything that is ever posted, with these texts in all places that are not ours. */
function comments(a: string, b: string, c: string, limit: number): readonly string[] {
  const texts = withTexts(a, b, c);
  // A cluster’s name comes from our own configuration, and digests are made by us.
  const plan: Plan = { ...texts.plan, cluster: 'production', digest: DIGEST };
  const report: Report = { ...texts.report, cluster: 'production' };
  const settingsChanges = [
    { path: `spec.rules.${a}`, from: b, to: c },
    { path: 'spec.suspend', to: a },
  ];
  const told: readonly Told[] = [
    planned(
      {},
      {
        plan,
        settingsChanges,
        files: [a],
        folder: b,
        gate: MOVED,
        alsoWithout: { changes: plan.changes, undone: [a, b], findings: 1 },
      },
    ),
    { result: 'conflict', files: [a, b, c] },
    { result: 'failed', error: { code: a, message: b, hint: c } },
    { result: 'nothing' },
  ];
  const before = aPlanMarker({
    summary: a.slice(0, 300),
    earlier: [{ head: b.slice(0, 64), digest: c.slice(0, 100), summary: b.slice(0, 300) }],
  });
  const frame = { repository: 'storage/weka', cluster: 'production', answers: 7, pages: PAGES, limit };
  const approval = { action: a, target: b, digest: c, changes: [a], path: b, file: c };
  const file = { path: a, text: `${b}\n${c}` };
  const explanation = anExplanation(a, {
    now: [b, c],
    field: c,
    facts: [{ name: a, value: b }],
    waitsFor: [{ target: b, why: c }],
    written: [{ what: a, file: b, line: 3, text: c }],
    fields: [{ path: a, from: b, to: `${c}\n${a}`, state: 'differs', written: [], owners: [] }],
  });
  const answers = [
    { to: 'approve', result: 'committed', approval, file: a, commit: HEAD },
    { to: 'approve', result: 'printed', approval, file, why: c },
    { to: 'explain', result: 'explained', explanation },
    { to: 'suspend', result: 'proposed', pullRequest: { number: 8, url: OURS } },
    { to: 'resume', result: 'printed', file, why: b },
    { to: 'explain', result: 'refused', why: a, hint: b },
  ] as const;
  const annotations = findingAnnotations(plan.findings, { files: [a, b] }).map(({ text }) => text);
  const { text } = brakeProposal({ verb: 'suspend', reason: a }, { cluster: 'production', by: b });
  return [
    ...told.flatMap((each) =>
      [false, true].map((isFork) => planComment(each, aFrame({ before, isFork, limit }))?.text ?? ''),
    ),
    closingComment(report, { ...frame, approvals: 1, statusUrl: OURS }).text,
    ...answers.map((answer) => answerComment(answer, frame).text),
    // These have no marker of their own.
    ...[...annotations, text].map((each) => `${MARKED}\n\n${each}`),
  ];
}

describe('what is posted', () => {
  it('mentions nobody, closes nothing, loads no picture, is never HTML, and fits', async () => {
    const limit = fc.constantFrom(3000, 9000, 65_536);
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, limit, async (a, b, c, most) => {
        for (const text of comments(a, b, c, most)) {
          expect(await liveComment(text)).toEqual([]);
          expect(text.length).toBeLessThanOrEqual(most);
          expect(readMarker(text)).toBeDefined();
        }
      }),
      {
        numRuns: 40,
        examples: [
          ['@team fixes #1', '![x](https://evil.example/x.png)', '<img src=x>', 65_536],
          ['-->', '--> <script>', '`-->`', 65_536],
          ['](https://evil.example/', ')](x)', '`](//evil.example)`', 65_536],
          ['closes storage/weka#3', 'GH-4', 'resolves https://forge.example/storage/weka/issues/4', 65_536],
        ],
      },
    );
  });

  it('ends no fence and begins no heading', async () => {
    const plain = await Promise.all(comments('a', 'b', 'c', 65_536).map(headingsOf));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const headings = await Promise.all(comments(text, text, text, 65_536).map(headingsOf));
        const counts = headings.map(({ length }) => length);
        // With equal texts some annotations become one.
        expect(counts.slice(0, 15)).toEqual(plain.slice(0, 15).map(({ length }) => length));
        expect(counts.slice(15).every((each) => each === 0)).toBe(true);
      }),
      { numRuns: 20, examples: [['```\n# x'], ['x\n\n# y'], ['</details>\n\n# z'], ['| --- |']] },
    );
  });
});
