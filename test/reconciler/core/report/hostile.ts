import fc from 'fast-check';
import type { Findings } from '../../../../schemas/output/finding.ts';
import type { Plan } from '../../../../schemas/output/plan.ts';
import type { Report } from '../../../../schemas/output/report.ts';
import type { Status } from '../../../../schemas/output/status.ts';
import {
  findingsOutput,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import { aCell, aDriverNode, aDriversReport, aTarget } from './driver-samples.ts';
import { aChange, aFinding, anAssessment, aReport, failed, health, labelled } from './samples.ts';

/** Whatever means something to Markdown, to HTML, to a forge or to a terminal, in any order. */
export const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '|',
        '\\',
        '`',
        '``',
        '```',
        '<',
        '>',
        '&lt;',
        '@team',
        '#1',
        'GH-12',
        'a/b#3',
        '*',
        '_',
        '~~',
      ),
      fc.constantFrom(
        'https://evil.example/x',
        'www.evil.example',
        'a@b.co',
        '![x](//e/x.png)',
        '[a](b)',
        '<!--',
      ),
      fc.constantFrom(
        '</details>',
        '</style>',
        '<script>',
        '<img src=x onerror=y>',
        '" onclick="',
        "'",
        '&',
        '${x}',
      ),
      fc.constantFrom('\n', '\n\n', '\r', '\t', ' ', '- ', '1. ', '# ', '---', '| --- |', 'fixes #1'),
      fc.constantFrom(
        '\u001b[31m',
        '\u009b2J',
        '\u202e',
        '\u2066',
        ':tada:',
        '$x$',
        '[^1]',
        'word',
        '(',
        '名前',
        'שלום',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('x'.repeat(300), 'long words '.repeat(20), 'a/'.repeat(100)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** One of everything that is told, with these texts in all places that are not ours. */
export function withTexts(
  a: string,
  b: string,
  c: string,
): { readonly plan: Plan; readonly report: Report; readonly status: Status; readonly findings: Findings } {
  const risk = { name: 'restart', reason: a, evidence: b } as const;
  const [first, second] = [aTarget(), aTarget(a, b, { architecture: c, buildId: a })];
  const held = aDriversReport(first, {
    state: 'refused',
    code: 'IN_USE',
    message: a,
    hint: b,
    users: [c, a],
  });
  const drivers = {
    cells: [
      aCell('built', first, [a, b, c]),
      aCell('failed', second, [a], {
        code: c,
        why: a,
        hint: b,
        lastLines: [a, b, c],
        service: { key: c, url: a },
      }),
    ],
    nodes: [
      aDriverNode(a, first, { report: held }),
      aDriverNode(b, first, { owner: a, against: [b, c] }),
      aDriverNode(c, undefined, { why: a }),
    ],
    lock: [],
  };
  const file = { name: a, path: b, text: `${a}\n${c}\n` } as never;
  const request = { action: a, target: { kind: b, namespace: c, name: a }, digest: c } as never;
  const assessment = anAssessment({
    cluster: a,
    ref: b,
    author: c,
    subject: a,
    pruneBlocked: b,
    brake: { state: 'frozen', reason: c },
    digest: c,
    changes: [
      aChange('update', `v1/ConfigMap/${a}/${b}`, {
        source: c,
        risks: [risk],
        fields: [
          { path: a, from: b, to: c, manager: a },
          { path: b, from: `${a}\n${b}`, to: { [c]: a }, by: a, at: '2026-11-25T18:04:12Z' },
        ],
      }),
      {
        ...labelled(`x${c}`, aChange('create', `v1/Service/${a}/${b}`)),
        adds: [{ path: c, to: a }],
        defaults: 2,
      },
      aChange('refuse', `v1/${a}/${b}`, { reason: c }),
      aChange('wait', c, { reason: a }),
      { ...aChange('create', `v1/ConfigMap/nodes/weka-node-intent-${a}`), node: { name: a, does: [b, c] } },
    ],
    drivers,
    awaited: [{ request, targets: [], file }],
    findings: [
      aFinding({ file: a, message: b, hint: c, rule: a, excerpt: `${b}\n ^` }),
      aFinding({ level: 'ignored', file: b, message: c, rule: a }),
    ],
    unread: [{ kind: a as never, namespace: b, why: c }],
    health: health({ [`v1/${a}/${b}/${c}`]: { state: 'failed', message: a } }),
  });
  const report = aReport({ ...assessment, outcomes: [failed(aChange('create', `v1/${a}`), b, c)] });
  const wait = { target: a, why: b };
  const pass = { stages: [[{ op: 'update' as const, target: c, restarts: [a] }]], waits: [wait] };
  const forecast = {
    settled: true,
    passes: [pass],
    left: [wait],
    pending: [wait],
    unlocks: [{ approval: c, passes: [pass] }],
    unlocksLeftOut: 1,
  };
  return {
    plan: { ...planOutput(assessment), forecast },
    report: reportOutput(report),
    status: statusOutput(report, new Date('2026-11-25T19:00:00Z')),
    findings: findingsOutput(assessment.findings, { files: 1, documents: 1 }),
  };
}
