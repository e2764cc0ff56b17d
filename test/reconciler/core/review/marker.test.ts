import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  earlierPlans,
  type Marker,
  MOST_EARLIER,
  ownComments,
  readMarker,
  writeMarker,
} from '../../../../reconciler/core/review/marker.ts';
import { aComment, aPlanMarker, AT, BASE, HEAD } from './frames.ts';

const digest = (n: number) => `sha256:${String(n).padStart(64, '0')}`;
const EARLIER = { head: HEAD, digest: digest(0), summary: 'one' };
const OURS = { self: 'weka-gitops', repository: 'storage/weka', cluster: 'production' } as const;

const markers: readonly Marker[] = [
  aPlanMarker(),
  aPlanMarker({
    summary: '--> <img src=x> \u{1f600} "',
    earlier: Array.from({ length: MOST_EARLIER }, (_, n) => ({
      head: HEAD,
      digest: digest(n),
      summary: '名'.repeat(300),
    })),
    gate: {
      head: HEAD,
      base: BASE,
      digest: digest(1),
      shownAt: AT.toISOString(),
      reviewed: digest(2),
      reviewedBase: BASE,
    },
  }),
  { v: 1, repository: 'storage/weka', cluster: 'production', kind: 'closing', commit: HEAD, body: digest(3) },
  { v: 1, repository: 'storage/weka', cluster: 'production', kind: 'answer', answers: 77 },
];

describe('a marker', () => {
  it.each(markers)('is read as it was written: %#', (marker) => {
    const line = writeMarker(marker);
    expect(line).toMatch(/^<!-- weka-gitops [\w-]+ -->$/);
    expect(readMarker(`${line}\n\n### Plan\n`)).toEqual(marker);
    expect(readMarker(`${line}\r\nPlan`)).toEqual(marker);
  });

  it('is in the first line or nowhere', () => {
    const line = writeMarker(aPlanMarker());
    for (const text of [`\n${line}`, ` ${line}`, `> ${line}`, `${line} x`, `x${line}`, '']) {
      expect(readMarker(text)).toBeUndefined();
    }
  });

  it.each([
    ['of a later version', { ...aPlanMarker(), v: 2 }],
    ['with a field that it does not have', { ...aPlanMarker(), more: true }],
    ['of an unknown kind', { ...aPlanMarker(), kind: 'other' }],
    [
      'with more earlier plans than it has room for',
      { ...aPlanMarker(), earlier: Array.from({ length: 11 }, () => EARLIER) },
    ],
    ['with a text that is too long', { ...aPlanMarker(), cluster: 'x'.repeat(201) }],
    ['that is no object', null],
  ])('is none %s', (_, marker) => {
    expect(readMarker(writeMarker(marker as never))).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const noise = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.base64String());
    fc.assert(
      fc.property(noise, (text) => {
        const encoded = Buffer.from(text).toString('base64url');
        for (const line of [text, `<!-- weka-gitops ${text} -->`, `<!-- weka-gitops ${encoded} -->`]) {
          expect(readMarker(line)).toBeUndefined();
        }
      }),
    );
  });

  it('looks at no more than the beginning of a huge text', () => {
    const before = process.cpuUsage();
    for (const huge of ['a', '-', '<!-- weka-gitops ', '\n']) readMarker(huge.repeat(2_000_000));
    expect(readMarker(`<!-- weka-gitops ${'A'.repeat(19_901)} -->`)).toBeUndefined();
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });
});

describe('ownComments', () => {
  const plan = writeMarker(aPlanMarker());

  it('are those of our account, repository, cluster and kind, oldest first', () => {
    const comments = [
      aComment({ id: 9, text: plan }),
      aComment({ id: 2, text: plan, author: 'Weka-GitOps' }),
      aComment({ id: 3, text: plan, author: 'mallory' }),
      aComment({ id: 4, text: writeMarker(aPlanMarker({ cluster: 'other' })) }),
      aComment({ id: 5, text: writeMarker(aPlanMarker({ repository: 'storage/other' })) }),
      aComment({ id: 6, text: writeMarker(aPlanMarker({ repository: 'Storage/Weka' })) }),
      aComment({ id: 7, text: writeMarker({ ...OURS, v: 1, kind: 'answer', answers: 1 }) }),
      aComment({ id: 8, text: 'no marker' }),
    ];
    expect(ownComments(comments, { ...OURS, kind: 'plan' }).map(({ comment }) => comment.id)).toEqual([
      2, 6, 9,
    ]);
  });
});

describe('earlierPlans', () => {
  it('are none before there is a comment', () => {
    expect(earlierPlans(undefined, { head: HEAD, digest: digest(1) })).toEqual([]);
  });

  it('remember the plan that is written over, and no plan twice', () => {
    const before = aPlanMarker({
      digest: digest(1),
      summary: 'one',
      earlier: [
        { head: HEAD, digest: digest(2), summary: 'two' },
        { head: BASE, digest: digest(1), summary: 'old' },
      ],
    });
    const of = (now: string | undefined) =>
      earlierPlans(before, { head: HEAD, digest: now }).map(({ summary }) => summary);
    expect(of(digest(3))).toEqual(['one', 'two', 'old']);
    expect(of(digest(1))).toEqual(['two', 'old']);
    expect(of(digest(2))).toEqual(['one', 'old']);
    expect(of(undefined)).toEqual(['one', 'two', 'old']);
  });

  it('are no more than a marker holds', () => {
    let marker = aPlanMarker({ digest: digest(0) });
    for (let n = 1; n < 30; n += 1) {
      const earlier = earlierPlans(marker, { head: HEAD, digest: digest(n) });
      marker = aPlanMarker({ digest: digest(n), earlier });
      expect(readMarker(writeMarker(marker))).toEqual(marker);
    }
    expect(marker.earlier).toHaveLength(MOST_EARLIER);
  });
});
