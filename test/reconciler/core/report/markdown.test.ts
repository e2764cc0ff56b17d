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
import type { AwaitedApproval } from '../../../../reconciler/core/plan/approvals/awaited.ts';
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
  labelled,
} from './samples.ts';
import { liveMarkdown } from './live-markdown.ts';
import { hostile, withTexts } from './hostile.ts';
import { foreignMarkdown, headingsOf } from './markdown-tree.ts';

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

**Risks:**

- **restart** in 1 object: 3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once

\`main@1a2b3c4\`: Scale the web tier, by Jane Doe

#### Drift to correct (1)

|  | Object | What | Manifest |
| --- | --- | --- | --- |
| \`~\` | \`v1/Service/weka/web\` | \`spec.ports[port=80,protocol=TCP].targetPort\`: \`9090\` → \`8080\` (set by kubectl-edit)<br>_drifted_ | \`weka/web.yaml:40\` |

#### Configuration and volumes: 2 to change

|  | Object | What | Manifest |
| --- | --- | --- | --- |
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

#### Workloads: 1 to change

|  | Object | What | Manifest |
| --- | --- | --- | --- |
| \`~\` | \`apps/v1/Deployment/weka/web\` | \`spec.replicas\`: \`3\` → \`4\`<br>\`spec.template.spec.containers[name=weka].image\`: \`quay.io/weka.io/weka-in-container:4.4.2.118\` → \`quay.io/weka.io/weka-in-container:4.4.5.118-feature-nightly\`<br>\`spec.template.spec.nodeSelector["weka.io/supports-backends"]\`: \`(none)\` → \`"true"\`<br>**restart:** Its pods are stopped and made again from the new template (3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once) | \`weka/web.yaml:1\` |`,
    );
  });

  it('shows errors before changes and the other findings after them, with their places and lines', () => {
    const findings = [
      aFinding({ level: 'warning', message: 'Odd' }),
      aFinding(),
      aFinding({ level: 'ignored' }),
    ];
    const text = planned({ findings, changes: [aChange('create', 'v1/Namespace/weka')] });
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '### Plan for production',
      '#### Errors (1)',
      '#### Namespaces and classes: 1 to create',
      '#### Warnings (1)',
      '#### Ignored fields (1)',
    ]);
    expect(text).toContain(`#### Errors (1)

| Where | What is wrong |
| --- | --- |
| \`weka/web.yaml:12:3\` | Deployment has no field spec.replicass. \`unknown-field\`<br>Hint: Did you mean replicas? |

<details>
<summary>The lines</summary>
`);
  });

  it('shows each WEKA cluster apart, with its groups a level below', () => {
    const changes = [
      labelled('demo', aChange('create', 'v1/ConfigMap/weka/a')),
      aChange('create', 'v1/ConfigMap/weka/b'),
    ];
    expect(
      planned({ changes })
        .split('\n')
        .filter((line) => line.startsWith('####')),
    ).toEqual([
      '#### WekaCluster weka/demo',
      '##### Configuration and volumes: 1 to create',
      '#### Other objects',
      '##### Configuration and volumes: 1 to create',
    ]);
  });

  it('folds a long table', () => {
    const changes = Array.from({ length: 20 }, (_, n) => aChange('create', `v1/ConfigMap/weka/a${n}`));
    expect(planned({ changes })).toContain(
      '#### Configuration and volumes: 20 to create\n\n<details>\n<summary>Show 20 of 20</summary>\n\n|  | Object |\n',
    );
  });
});

describe('reportMarkdown and statusMarkdown', () => {
  it('tell trouble before what went well', () => {
    const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'));
    expect(headings(reportMarkdown(reportOutput(aFullReport())))).toEqual([
      '### Pass over production at `main@1a2b3c4` (1.5 s)',
      '#### Errors (1)',
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
      '#### Warnings (1)',
    ]);
    expect(headings(statusMarkdown(statusOutput(aFullReport(), AT)))).toEqual([
      '### production is not as `main@1a2b3c4` says: 2 to create; 1 failed, 1 refused, 2 waiting, 1 unread; 1 error, 1 warning',
      '#### Errors (1)',
      '#### Failed in the last pass (1)',
      '#### Refused: a person has to decide (1)',
      '#### Waiting (2)',
      '#### Could not be read (1)',
      '#### Not ready (2)',
      '#### Ready (4)',
      '#### Warnings (1)',
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
    const text = planMarkdown(planOutput({ ...many, findings: many.findings.slice(0, 20) }));
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toContain('**2500 to create, 2500 to change; 20 errors**');
    const rows = (heading: string) => {
      const section = text.slice(text.indexOf(`#### ${heading}`)).split('</details>')[0] ?? '';
      return { section, shown: section.split('\n').filter((line) => line.startsWith('| `')).length };
    };
    expect(rows('Errors (20)').shown).toBe(20);
    const { section, shown } = rows('Configuration and volumes: 2500 to create, 2500 to change');
    expect(shown).toBeGreaterThan(10);
    expect(section).toContain(`… and ${5000 - shown} more.`);
    expect(text).toContain(
      'Shortened to fit: cut are long values and objects. `weka-gitops plan --output json` prints everything.',
    );
    expect(text.length).toBeGreaterThan(20_000);
    expect(liveMarkdown(text)).toEqual([]);
  });

  it('names the command that prints the forecast too, where there is one', () => {
    const forecast = { passes: [], settled: true, left: [], pending: [], unlocks: [], unlocksLeftOut: 0 };
    expect(planMarkdown({ ...planOutput(many), forecast })).toContain(
      '`weka-gitops plan --forecast --output json` prints everything.',
    );
  });

  it('takes long values first, then ignored fields, then rows of changes, and never errors, risks or approvals', () => {
    const risks = [{ name: 'restart', reason: 'It is made again', evidence: '3 pods' }] as const;
    const awaited: AwaitedApproval = {
      request: {
        action: 'replace-object',
        target: { kind: 'Job', name: 'format' },
        digest: 'sha256:1',
      } as never,
      targets: [],
      file: { name: 'a', path: 'approvals/a.yaml', text: 'kind: Approval\nspec: {}\n' },
    };
    const sample = (changes: number, ignored: number): string =>
      planned({
        awaited: [awaited],
        changes: Array.from({ length: changes }, (_, n) =>
          aChange('update', `v1/ConfigMap/weka/${long(n)}`, {
            risks,
            fields: [{ path: 'data.text', from: `a\n${'b\n'.repeat(20)}`, to: 'c\n'.repeat(20) }],
          }),
        ),
        findings: [
          aFinding(),
          ...Array.from({ length: ignored }, (_, n) => aFinding({ level: 'ignored', file: long(n) })),
        ],
      });
    const parts = (text: string) => ({
      values: text.includes('@@ data.text @@'),
      ignored: text.includes('| `very-'),
      rows: text.split('\n').filter((line) => line.startsWith('| `~`')).length,
    });
    expect(parts(sample(100, 10))).toEqual({ values: true, ignored: true, rows: 100 });
    expect(parts(sample(190, 10))).toEqual({ values: true, ignored: true, rows: 190 });
    expect(parts(sample(190, 200))).toEqual({ values: false, ignored: false, rows: 190 });
    expect(parts(sample(2000, 200))).toEqual({ values: false, ignored: false, rows: 150 });
    for (const text of [sample(190, 200), sample(2000, 200)]) {
      expect(text).toContain('#### Errors (1)\n\n| Where | What is wrong |');
      expect(text).toContain('- **restart** in ');
      expect(text).toContain('kind: Approval\n');
      expect(text).toContain(`Plan \`sha256:${'5eed'.repeat(16)}\``);
      expect(text).toMatch(/Shortened to fit: cut are .*ignored fields/);
    }
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

/** Everything that has a page, with these texts in all places. */
function pages(a: string, b: string, c: string): readonly string[] {
  const { plan, report, status, findings } = withTexts(a, b, c);
  return [planMarkdown(plan), reportMarkdown(report), statusMarkdown(status), findingsMarkdown(findings)];
}

describe('hostile text', () => {
  it('leaves no cell, mentions nobody, links nothing and is never HTML', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (a, b, c) => {
        for (const text of pages(a, b, c)) {
          expect(liveMarkdown(text)).toEqual([]);
          expect(await foreignMarkdown(text)).toEqual([]);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('ends no fence and begins no heading', async () => {
    const plain = await Promise.all(pages('a', 'b', 'c').map(headingsOf));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const headings = await Promise.all(pages(text, text, text).map(headingsOf));
        expect(headings.map(({ length }) => length)).toEqual(plain.map(({ length }) => length));
      }),
      { numRuns: 40, examples: [['```\n# x'], ['x\n\n# y'], ['</details>\n\n# z'], ['fixes #1 @team']] },
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
