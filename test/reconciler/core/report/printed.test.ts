import { describe, expect, it } from 'vitest';
import type { ChangeOutput } from '../../../../schemas/output/plan.ts';
import { Plan } from '../../../../schemas/output/plan.ts';
import { Report } from '../../../../schemas/output/report.ts';
import { planHtml } from '../../../../reconciler/core/report/html.ts';
import { jsonText, planOutput, reportOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { printedPlan, printedReport } from '../../../../reconciler/core/report/printed.ts';
import { planText } from '../../../../reconciler/core/report/terminal.ts';
import { aChange, aFullAssessment, aFullReport, anAssessment } from './samples.ts';

const STYLE = { colour: false, width: 100 };

describe('a plan that is printed as JSON', () => {
  it('is whole where it can be', () => {
    const plan = planOutput(aFullAssessment());
    expect(printedPlan(plan)).toEqual(plan);
    const report = reportOutput(aFullReport());
    expect(printedReport(report)).toEqual(report);
  });

  it('is cut in a value of 1 MiB, and says so', () => {
    const annotation = 'x'.repeat(1 << 20);
    const change = aChange('update', 'v1/ConfigMap/weka/a', {
      fields: [
        { path: 'metadata.annotations.note', from: annotation, to: { [annotation]: annotation } },
        { path: 'data.a', from: 'x', to: 'y' },
      ],
    });
    const { changes, omitted } = Plan.parse(printedPlan(planOutput(anAssessment({ changes: [change] }))));
    const [long, short] = changes[0]?.fields ?? [];
    expect(long).toMatchObject({ cut: true, from: `${'x'.repeat(99_999)}…` });
    expect(long?.to).toHaveLength(100_000);
    expect(short).toEqual({ path: 'data.a', from: 'x', to: 'y' });
    expect(omitted).toBeUndefined();
  });

  it('leaves out what is unchanged before changes, and counts both', () => {
    const keep: ChangeOutput = {
      op: 'keep',
      target: 'v1/ConfigMap/weka/kept',
      stage: 'config',
      fields: [],
      flags: [],
      risks: [],
    };
    const fields = [{ path: 'data.a', from: 'x'.repeat(90_000), to: 'y'.repeat(90_000) }];
    const update: ChangeOutput = { ...keep, op: 'update', fields };
    const changes = Array.from({ length: 400 }, (_, n) => ({ ...(n % 2 === 0 ? keep : update) }));
    const plan = printedPlan({ ...planOutput(aFullAssessment()), changes });
    const of = (op: ChangeOutput['op']) => plan.changes.filter((change) => change.op === op).length;
    expect(of('keep')).toBe(0);
    expect(of('update')).toBeGreaterThan(100);
    expect(plan.omitted).toEqual({ keeps: 200, changes: 200 - of('update'), findings: 0 });
    const report = Report.parse(printedReport({ ...reportOutput(aFullReport()), changes }));
    expect(report.omitted).toMatchObject({ keeps: 200, changes: 200 - of('update'), healthy: 0 });
  });
});

describe('a plan of a million changes', () => {
  it('ends in every format, and says how much is left out', { timeout: 120_000 }, () => {
    const [change] = planOutput(
      anAssessment({ changes: [aChange('create', 'v1/ConfigMap/weka/a')] }),
    ).changes;
    if (change === undefined) throw new Error('The sample has no change');
    const changes = Array.from({ length: 1_000_000 }, (_, n) => ({
      ...change,
      target: `v1/ConfigMap/weka/a-${n}`,
    }));
    const plan = { ...planOutput(anAssessment()), changes };
    expect(planText(plan, STYLE)).toMatch(/\n {2}… and \d+ more objects: too much to print\n/);
    expect(planMarkdown(plan)).toMatch(/… and \d+ more\.\n/);
    expect(planHtml(plan)).toMatch(/… and \d+ more<\/strong>: too much for a page/);
    const { omitted, changes: kept } = printedPlan(plan);
    expect(omitted).toEqual({ keeps: 0, changes: 1_000_000 - kept.length, findings: 0 });
    expect(jsonText({ ...plan, changes: kept }).length).toBeGreaterThan(10_000_000);
  });

  it('with annotations of 1 MiB takes no longer for them', () => {
    const annotation = 'y'.repeat(1 << 20);
    const fields = ['x', 'word ', '\n'].map((start) => ({
      path: 'metadata.annotations.note',
      from: start + annotation,
      to: `${start}${annotation}z`,
    }));
    const changes = Array.from({ length: 30 }, (_, n) =>
      aChange('update', `v1/ConfigMap/weka/a${n}`, { fields }),
    );
    const plan = planOutput(anAssessment({ changes }));
    const before = process.cpuUsage();
    const texts = [planText(plan, STYLE), planMarkdown(plan), planHtml(plan)];
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(10);
    for (const text of texts) expect(text.length).toBeLessThan(300_000);
    for (const text of texts) expect(text).toContain('yz');
  });
});
