import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingsHtml, planHtml, reportHtml, statusHtml } from '../../../../reconciler/core/report/html.ts';
import { planOutput, reportOutput, statusOutput } from '../../../../reconciler/core/report/json.ts';
import type { Assessment } from '../../../../reconciler/core/report/report.ts';
import { hostile, withTexts } from './hostile.ts';
import { outline, strayHtml } from './html-outline.ts';
import { aChange, aFullAssessment, aFullReport, anAssessment, labelled } from './samples.ts';

function planned(rest: Partial<Assessment>): string {
  return planHtml(planOutput(anAssessment(rest)));
}

describe('planHtml', () => {
  it('tells the counts, the risks, the errors, and then the changes stage by stage', () => {
    expect(outline(planHtml(planOutput(aFullAssessment())))).toEqual([
      '1 Plan for production',
      '2 Risks',
      '2 Errors (1)',
      '2 Could not be read (1)',
      '2 Refused: a person has to decide (1)',
      '2 Waiting (1)',
      '2 Drift to correct (1)',
      '2 Namespaces and classes: 1 to create',
      '2 Configuration and volumes: 1 to create, 2 to change',
      '2 Workloads: 1 to change, 1 to replace',
      '2 To prune: no manifest asks for these any more (1)',
      '2 Warnings (1)',
    ]);
  });

  it('shows each WEKA cluster apart, with its groups a level below', () => {
    const changes = [
      labelled('demo', aChange('create', 'v1/ConfigMap/weka/a')),
      aChange('create', 'v1/ConfigMap/weka/b'),
    ];
    expect(outline(planned({ changes }))).toEqual([
      '1 Plan for production',
      '2 WekaCluster weka/demo',
      '3 Configuration and volumes: 1 to create',
      '2 Other objects',
      '3 Configuration and volumes: 1 to create',
    ]);
  });

  it('names in words what colours show', () => {
    const text = planHtml(planOutput(aFullAssessment()));
    for (const word of ['create', 'change', 'replace', 'prune', 'refused', 'waiting']) {
      expect(text).toMatch(new RegExp(`<span class="op \\w+">${word}</span>`));
    }
    expect(text).toContain('<del>− <code>3</code></del> <ins>+ <code>4</code></ins>');
    expect(text).toContain('<span class="old">- echo two</span>');
  });

  it('runs nothing and loads nothing', () => {
    const text = planHtml(planOutput(aFullAssessment()));
    expect(text).toContain(
      '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;',
    );
    expect(text).not.toMatch(/<script|<link|<img|<iframe|<object|src=|href=|url\(|@import/i);
  });

  it('folds what is long', () => {
    const fields = Array.from({ length: 9 }, (_, n) => ({ path: `data.key${n}`, to: 'x' }));
    const [few, many] = [fields.slice(0, 8), fields].map((each) =>
      planned({ changes: [aChange('update', 'v1/ConfigMap/weka/a', { fields: each })] }),
    );
    expect(few).toContain('<details class="entry" open>');
    expect(many).toContain('<details class="entry"><summary>');
    const changes = Array.from({ length: 60 }, (_, n) => aChange('create', `v1/ConfigMap/weka/a${n}`));
    expect(planned({ changes })).toContain('<details><summary>Show 60 objects</summary>');
  });

  it('says how much is too much for a page', () => {
    const value = 'x '.repeat(200);
    const fields = Array.from({ length: 40 }, (_, n) => ({
      path: `data.key${n}`,
      from: value,
      to: `${value}y`,
    }));
    const changes = Array.from({ length: 2000 }, (_, n) =>
      aChange('update', `v1/ConfigMap/weka/a${n}`, { fields }),
    );
    const text = planned({ changes });
    const shown = text.split('class="op warn"').length - 1;
    expect(shown).toBeGreaterThan(100);
    expect(text).toContain(`<strong>… and ${2000 - shown} more</strong>: too much for a page.`);
    expect(text.length).toBeLessThan(40_000_000);
  });
});

describe('every page', () => {
  it('is of our own tags alone, each of which ends', () => {
    const texts = [
      planHtml(planOutput(aFullAssessment())),
      reportHtml(reportOutput(aFullReport())),
      statusHtml(statusOutput(aFullReport(), new Date('2026-11-25T19:00:00Z'))),
    ];
    expect(texts.map(strayHtml)).toEqual([[], [], []]);
  });

  it('shows texts of anybody as texts', () => {
    const plain = withTexts('a', 'b', 'c');
    const pages = ({ plan, report, status, findings }: ReturnType<typeof withTexts>) => [
      planHtml(plan),
      reportHtml(report),
      statusHtml(status),
      findingsHtml(findings),
    ];
    const tags = (text: string) => [...text.matchAll(/<[a-z][a-z0-9]*/g)].map(([tag]) => tag);
    const most = pages(plain).map((text) => tags(text).length);
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        for (const [index, text] of pages(withTexts(a, b, c)).entries()) {
          expect(strayHtml(text)).toEqual([]);
          // A text adds lines of a diff or a file, and nothing else.
          expect(tags(text).length).toBeLessThan((most[index] ?? 0) + 100);
        }
      }),
      { numRuns: 150 },
    );
  });
});
