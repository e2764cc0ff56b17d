import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findingsOutput,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import {
  findingsMarkdown,
  planMarkdown,
  reportMarkdown,
  statusMarkdown,
} from '../../../../reconciler/core/report/markdown.ts';
import { code, inline } from '../../../../reconciler/core/report/markdown-text.ts';
import type { Assessment } from '../../../../reconciler/core/report/report.ts';
import {
  aChange,
  aFinding,
  aFullAssessment,
  aFullReport,
  anAssessment,
  aReport,
  failed,
  health,
} from './samples.ts';
import { liveMarkdown } from './live-markdown.ts';

const AT = new Date('2026-11-25T19:00:00Z');

function planned(rest: Partial<Assessment>): string {
  return planMarkdown(planOutput(anAssessment(rest)));
}

describe('planMarkdown', () => {
  it('says that there is nothing to do', () => {
    expect(planned({})).toBe(`### Plan for production

**nothing to change**

\`main@1a2b3c4\`: Scale the web tier, by Jane Doe

Nothing to do: the cluster is as \`main@1a2b3c4\` says.

5 objects in 3 files. Plan \`sha256:${'5eed'.repeat(16)}\`.
`);
  });

  it('begins with the counts, and shows changed fields in tables and long values folded', () => {
    const changes = aFullAssessment().changes.filter(({ op }) => op === 'update');
    expect(planned({ changes }).split('\n\n').slice(1, -2).join('\n\n')).toBe(
      `**4 to change**

\`main@1a2b3c4\`: Scale the web tier, by Jane Doe

#### To change (3)

|  | Object | What | Manifest |
| --- | --- | --- | --- |
| \`~\` | \`apps/v1/Deployment/weka/web\` | \`spec.replicas\`: \`3\` → \`4\`<br>\`spec.template.spec.containers[name=weka].image\`: \`quay.io/weka.io/weka-in-container:4.4.2.118\` → \`quay.io/weka.io/weka-in-container:4.4.5.118-feature-nightly\`<br>\`spec.template.spec.nodeSelector["weka.io/supports-backends"]\`: \`(none)\` → \`"true"\` | \`weka/web.yaml:1\` |
| \`~\` | \`v1/ConfigMap/weka/boot\` | \`data["boot.sh"]\`: 1 line added, 1 removed | \`weka/boot.yaml:1\` |
| \`~\` | \`v1/Secret/weka/login\` | \`data.password\`: \`(hidden)\` → \`(hidden)\`<br>_values hidden_ | \`weka/login.yaml:1\` |

<details>
<summary>Values of 1 object</summary>

\`v1/ConfigMap/weka/boot\`

\`\`\`diff
@@ data["boot.sh"] @@
  set -e
  echo one
- echo two
+ echo three
  exec weka
\`\`\`

</details>

#### Drift to correct (1)

|  | Object | What | Manifest |
| --- | --- | --- | --- |
| \`~\` | \`v1/Service/weka/web\` | \`spec.ports[port=80,protocol=TCP].targetPort\`: \`9090\` → \`8080\` (set by kubectl-edit)<br>_drifted_ | \`weka/web.yaml:40\` |`,
    );
  });

  it('shows findings with their places, and their lines folded', () => {
    const text = planned({ findings: [aFinding({ level: 'warning', message: 'Odd' }), aFinding()] });
    expect(text).toContain(`#### Findings (2)

|  | Where | What is wrong |
| --- | --- | --- |
| **error** | \`weka/web.yaml:12:3\` | Deployment has no field spec.replicass. \`unknown-field\`<br>Hint: Did you mean replicas? |
| warning | \`weka/web.yaml:12:3\` | Odd \`unknown-field\`<br>Hint: Did you mean replicas? |

<details>
<summary>The lines</summary>
`);
  });

  it('folds a long table', () => {
    const changes = Array.from({ length: 20 }, (_, n) => aChange('create', `v1/ConfigMap/weka/a${n}`));
    expect(planned({ changes })).toContain(
      '#### To create (20)\n\n<details>\n<summary>Show 20 of 20</summary>\n\n|  | Object |\n',
    );
  });
});

describe('reportMarkdown and statusMarkdown', () => {
  it('tell trouble before what went well', () => {
    const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'));
    expect(headings(reportMarkdown(reportOutput(aFullReport())))).toEqual([
      '### Pass over production at `main@1a2b3c4` (1.5 s)',
      '#### Findings (2)',
      '#### Failed (1)',
      '#### Held back (1)',
      '#### Refused: a person has to decide (1)',
      '#### Waiting (1)',
      '#### Could not be read (1)',
      '#### Not ready (2)',
      '#### Changed (3)',
      '#### Drift corrected (1)',
      '#### Replaced (1)',
      '#### Pruned: no manifest asks for these any more (1)',
    ]);
    expect(headings(statusMarkdown(statusOutput(aFullReport(), AT)))).toEqual([
      '### production is not as `main@1a2b3c4` says: 2 to create; 1 failed, 1 refused, 2 waiting, 1 unread; 1 error, 1 warning',
      '#### Findings (2)',
      '#### Failed in the last pass (1)',
      '#### Refused: a person has to decide (1)',
      '#### Waiting (2)',
      '#### Could not be read (1)',
      '#### Not ready (2)',
      '#### Ready (4)',
    ]);
  });
});

describe('the limit', () => {
  const long = (n: number) => `${'very-'.repeat(20)}long-name-${n}`;
  const many = anAssessment({
    changes: Array.from({ length: 5000 }, (_, n) =>
      aChange(n % 2 === 0 ? 'update' : 'create', `v1/ConfigMap/weka/${long(n)}`, {
        source: `weka/${long(n)}.yaml:1`,
        fields: [{ path: 'data.text', from: `a\n${'b\n'.repeat(100)}`, to: `b\n${'c\n'.repeat(100)}` }],
      }),
    ),
    findings: Array.from({ length: 1000 }, (_, n) => aFinding({ file: long(n), message: 'x '.repeat(400) })),
  });

  it('holds with 5,000 changes, and says what is left out', () => {
    const text = planMarkdown(planOutput(many));
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toContain('**2500 to create, 2500 to change; 1000 errors**');
    for (const title of ['Findings (1000)', 'To create (2500)', 'To change (2500)']) {
      const [, all] = /\((\d+)\)/.exec(title) ?? [];
      const section = text.slice(text.indexOf(`#### ${title}`)).split('</details>')[0] ?? '';
      const rows = section.split('\n').filter((line) => /^\| (`|\*\*)/.test(line)).length;
      expect(rows).toBeGreaterThan(0);
      expect(section).toContain(`… and ${Number(all) - rows} more.`);
    }
    expect(text).toContain('Shortened to fit: `weka-gitops plan` prints everything.');
    expect(liveMarkdown(text)).toEqual([]);
  });

  it.each([100, 1000, 10_000])('may be %i', (limit) => {
    const report = aReport({
      ...many,
      outcomes: many.changes.flatMap((change) => (change.op === 'update' ? [failed(change, 'no')] : [])),
      health: health(
        Object.fromEntries(many.changes.map(({ id }) => [id, { state: 'failed', message: 'x' }])),
      ),
    });
    const texts = [
      planMarkdown(planOutput(many), limit),
      reportMarkdown(reportOutput(report), limit),
      statusMarkdown(statusOutput(report, AT), limit),
      findingsMarkdown(findingsOutput(many.findings, { files: 1, documents: 1 }), limit),
    ];
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text).toContain('Shortened to fit');
      expect(liveMarkdown(text)).toEqual([]);
    }
  });
});

/** Whatever means something to Markdown, to HTML or to a forge, in any order. */
const hostile = fc
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
        '<img src=x>',
        '\n',
        '\n\n',
        '\r',
        '\t',
        ' ',
        '- ',
        '1. ',
        '# ',
        '---',
        '| --- |',
      ),
      fc.constantFrom('\u001b[31m', '\u202e', ':tada:', '$x$', '[^1]', 'word', '('),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('hostile text', () => {
  it('leaves no cell, mentions nobody, links nothing and is never HTML', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        const assessment = anAssessment({
          cluster: a,
          ref: b,
          author: c,
          subject: a,
          pruneBlocked: b,
          digest: c,
          changes: [
            aChange('update', `v1/ConfigMap/${a}/${b}`, {
              source: c,
              fields: [
                { path: a, from: b, to: c, manager: a },
                { path: b, from: `${a}\n${b}`, to: { [c]: a } },
              ],
            }),
            aChange('refuse', `v1/${a}/${b}`, { reason: c }),
            aChange('wait', c, { reason: a }),
          ],
          findings: [aFinding({ file: a, message: b, hint: c, rule: a, excerpt: `${b}\n ^` })],
          unread: [{ kind: a as never, namespace: b, why: c }],
          health: health({ [`v1/${a}/${b}/${c}`]: { state: 'failed', message: a } }),
        });
        const failure = aChange('create', `v1/${a}`);
        const report = aReport({ ...assessment, outcomes: [failed(failure, b, c)] });
        for (const text of [
          planMarkdown(planOutput(assessment)),
          reportMarkdown(reportOutput(report)),
          statusMarkdown(statusOutput(report, AT)),
          findingsMarkdown(findingsOutput(assessment.findings, { files: 1, documents: 1 })),
        ]) {
          expect(liveMarkdown(text)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('stays readable', () => {
    expect(inline('It needs v1/Secret/weka/a, see weka/a.yaml:12 (again).')).toBe(
      'It needs v1/Secret/weka/a, see weka/a.yaml:12 (again).',
    );
    expect(inline('Ask @team about #12 at https://x.example now')).toBe(
      'Ask `@team` about `#12` at `https://x.example` now',
    );
    expect(inline('spec.foo_bar is *odd*')).toBe('`spec.foo_bar` is `*odd*`');
    expect(code('a|b')).toBe('`a\\|b`');
    expect(code('a\\|b')).toBe('`a\\\\u{7c}b`');
    expect(code('a`b')).toBe('``a`b``');
    expect(code('`')).toBe('`` ` ``');
  });
});
