import { describe, expect, it } from 'vitest';
import { findingAnnotations } from '../../../../reconciler/core/review/annotations.ts';
import { aFinding } from '../report/samples.ts';

const files = ['a.yaml', 'b.yaml'];

describe('findingAnnotations', () => {
  it('are of files that the pull request changes, the worst first', () => {
    const findings = [
      aFinding({ level: 'ignored', file: 'a.yaml', line: 1 }),
      aFinding({ level: 'warning', file: 'b.yaml', line: 2 }),
      aFinding({ file: 'b.yaml', line: 9 }),
      aFinding({ file: 'b.yaml', line: 3 }),
      aFinding({ file: 'a.yaml', line: 7 }),
      aFinding({ file: 'other.yaml', line: 1 }),
    ];
    const shown = findingAnnotations(findings, { files });
    expect(shown.map(({ level, file, line }) => `${level} ${file}:${line}`)).toEqual([
      'error a.yaml:7',
      'error b.yaml:3',
      'error b.yaml:9',
      'warning b.yaml:2',
      'notice a.yaml:1',
    ]);
    expect(findingAnnotations(findings.toReversed(), { files })).toEqual(shown);
  });

  it('are one a line, which tells all that is found there', () => {
    const findings = [
      aFinding({ level: 'warning', file: 'a.yaml', rule: 'odd', message: 'It is odd.', hint: 'Ask @team.' }),
      aFinding({ file: 'a.yaml', rule: 'unknown-field', message: 'There is no such field.', column: 9 }),
    ];
    expect(findingAnnotations(findings, { files })).toEqual([
      {
        file: 'a.yaml',
        line: 12,
        level: 'error',
        title: 'unknown-field, odd',
        text: 'There is no such field.\n\nHint: Did you mean replicas?\n\nIt is odd.\n\nHint: Ask `@team.`',
      },
    ]);
  });

  it('are no more than are asked for, and none is endless', () => {
    const findings = Array.from({ length: 1000 }, (_, n) =>
      aFinding({ file: 'a.yaml', line: 1 + (n % 20), message: 'x '.repeat(5000), rule: `rule-${n}` }),
    );
    const shown = findingAnnotations(findings, { files, most: 15 });
    expect(shown).toHaveLength(15);
    expect(shown[0]?.text).toContain('… and 40 more.');
    expect(Math.max(...shown.map(({ text }) => text.length))).toBeLessThan(20_000);
    expect(Math.max(...shown.map(({ title }) => title.length))).toBeLessThanOrEqual(200);
  });
});
