import { describe, expect, it } from 'vitest';
import { forecastOutput } from '../../../../reconciler/core/report/forecast-output.ts';
import { forecastWords } from '../../../../reconciler/core/report/forecast.ts';
import { planHtml } from '../../../../reconciler/core/report/html.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { planText } from '../../../../reconciler/core/report/terminal.ts';
import type { ForecastOutput } from '../../../../schemas/output/plan.ts';
import { aChange, anAssessment } from './samples.ts';

const wait = (target: string) => ({ target, why: `${target} is not ready` });
const pass = { stages: [[{ op: 'prune' as const, target: 'a', restarts: ['all 3 pods of a'] }]], waits: [] };

function aForecast(rest: Partial<ForecastOutput> = {}): ForecastOutput {
  return { settled: true, passes: [pass], left: [], pending: [], unlocks: [], unlocksLeftOut: 0, ...rest };
}

describe('a forecast says', () => {
  it.each<[string, Partial<ForecastOutput>]>([
    ['Forecast: 1 pass, then nothing changes any more', {}],
    ['Forecast: 1 pass, then nothing changes any more, and 1 object still waits', { left: [wait('b')] }],
    [
      'Forecast: 1 pass, then more once what 1 object waits for has come about',
      { settled: false, pending: [wait('c')] },
    ],
    [
      'Forecast: 1 pass, then more once what 2 objects wait for has come about, and 1 object still waits',
      { settled: false, pending: [wait('c'), wait('d')], left: [wait('b')] },
    ],
    ['Forecast: no end in sight after 1 pass', { settled: false }],
  ])('%s', (words, rest) => {
    expect(forecastWords(aForecast(rest))).toBe(words);
  });

  it('which pods stop, what goes on by itself, and what needs a person, wherever it is shown', () => {
    const forecast = aForecast({ settled: false, pending: [wait('c')], left: [wait('b')] });
    const plan = { ...planOutput(anAssessment({ changes: [] })), forecast };
    const text = planText(plan, { colour: false, width: 100 });
    expect(text).toMatch(
      /stops all 3 pods of a[\s\S]*After that\n\s+goes on once this has come about\n.* c\n/,
    );
    expect(text).toMatch(/still waits\n.* b\n/);
    const markdown = planMarkdown(plan);
    expect(markdown).toMatch(/go on once this has come about:[\s\S]*`c`[\s\S]*these still wait:[\s\S]*`b`/);
    const html = planHtml(plan);
    expect(html).toMatch(
      /stops <bdi>all 3 pods of a[\s\S]*go on once this has come about[\s\S]*these still wait/,
    );
  });

  it('what nodes are asked, each with its own in JSON', () => {
    const write = {
      ...aChange('create', 'v1/ConfigMap/nodes/weka-node-intent-a'),
      node: { name: 'a', does: ['load'] },
    };
    if (write.op !== 'create') throw new Error('It is no write.');
    const { passes } = forecastOutput({
      settled: true,
      passes: [{ stages: [[write]], waits: [] }],
      left: [],
      pending: [],
      unlocks: [],
      unlocksLeftOut: 0,
    });
    expect(passes[0]?.stages).toEqual([
      [{ op: 'create', target: write.id, node: { name: 'a', does: ['load'] }, restarts: [] }],
    ]);
  });
});
