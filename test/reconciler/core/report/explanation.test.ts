import { describe, expect, it } from 'vitest';
import { explanationMarkdown } from '../../../../reconciler/core/report/explanation-markdown.ts';
import { explanationText } from '../../../../reconciler/core/report/explanation-text.ts';
import { Explanation } from '../../../../schemas/output/explanation.ts';

const COMMIT = {
  sha: 'bf8d446c0d4f6f0f3d1a1f6a3a2a39f8f4e6d1c7',
  author: 'Ada Author',
  date: '2026-11-25T18:04:12.000Z',
  subject: 'Run three exporters',
};

function anExplanation(rest: Partial<Explanation> = {}): Explanation {
  return Explanation.parse({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Explanation',
    cluster: 'demo',
    ref: 'main',
    commit: COMMIT.sha,
    target: 'apps/v1/Deployment/weka-monitoring/exporter',
    state: 'will-be-changed',
    now: ['It drifted: the next pass puts back what its manifest asks for.'],
    written: [{ what: 'the manifest', file: 'monitoring/exporter.yaml', line: 11, commit: COMMIT }],
    fields: [
      {
        path: 'spec.replicas',
        from: 5,
        to: 3,
        state: 'differs',
        why: 'we had set it, and kubectl-edit changed it since',
        written: [
          {
            what: 'spec.replicas',
            file: 'monitoring/exporter.yaml',
            line: 18,
            text: '  replicas: 3',
            commit: COMMIT,
          },
        ],
        owners: [{ manager: 'kubectl-edit', operation: 'Update', time: '2026-11-25T18:05:33Z', ours: false }],
      },
    ],
    owners: [
      { manager: 'weka-gitops', operation: 'Apply', time: '2026-11-25T18:04:20Z', ours: true, fields: 23 },
    ],
    facts: [],
    related: [],
    waitsFor: [],
    toChange: ['Edit monitoring/exporter.yaml:18 to keep what the cluster has.'],
    ...rest,
  });
}

const PLAIN = { colour: false, width: 100 };

describe('an explanation as text', () => {
  it('says what is, who says so, who manages it, and what would change it', () => {
    expect(explanationText(anExplanation(), PLAIN))
      .toBe(`apps/v1/Deployment/weka-monitoring/exporter: will be changed
demo at main@bf8d446

  It drifted: the next pass puts back what its manifest asks for.

Asked for by
  monitoring/exporter.yaml:11  the manifest
      bf8d446  Ada Author, 2026-11-25 18:04:12 UTC: Run three exporters

Fields
  spec.replicas  5 → 3
      monitoring/exporter.yaml:18
      18 |   replicas: 3
      bf8d446  Ada Author, 2026-11-25 18:04:12 UTC: Run three exporters
      we had set it, and kubectl-edit changed it since
      managed by kubectl-edit (Update, 2026-11-25 18:05:33 UTC)

Managed by
  weka-gitops, which is us (Apply, 2026-11-25 18:04:20 UTC, 23 fields)

What would change it
  - Edit monitoring/exporter.yaml:18 to keep what the cluster has.
`);
  });

  it('keeps within its width, and obeys no character of a manager, a subject or a value', () => {
    const hostile = anExplanation({
      now: ['x'.repeat(300)],
      owners: [{ manager: '\u001b[31mred', operation: 'Apply', ours: false }],
      fields: [
        { path: 'data.k', from: '\u001b[2J', to: 'a\u202eb', state: 'differs', written: [], owners: [] },
      ],
    });
    const text = explanationText(hostile, { colour: false, width: 60 });
    expect(text).not.toMatch(/[\u001b\u202e]/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('says so where a line is not committed, or older than can be seen', () => {
    const written = { what: 'the manifest', file: 'a.yaml', line: 1 };
    const text = (line: object) =>
      explanationText(anExplanation({ fields: [], written: [{ ...written, ...line }] }), PLAIN);
    expect(text({ uncommitted: true })).toContain('      not committed yet\n');
    expect(text({ older: 'not changed in the last 1,000 commits' })).toContain(
      '      not changed in the last 1,000 commits\n',
    );
    expect(text({ builtIn: 'base' })).toContain('a.yaml:1, built by the kustomization in base');
  });
});

describe('an explanation as Markdown', () => {
  it('has the same sections', () => {
    expect(explanationMarkdown(anExplanation()))
      .toBe(`### \`apps/v1/Deployment/weka-monitoring/exporter\`: will be changed

demo at \`main@bf8d446\`

It drifted: the next pass puts back what its manifest asks for.

**Asked for by**

- \`monitoring/exporter.yaml:11\`: the manifest, bf8d446 Ada Author, 2026-11-25 18:04:12 UTC: Run three exporters

**Fields**

\`spec.replicas\`: \`5\` → \`3\`

\`\`\`yaml
18 |   replicas: 3
\`\`\`

- \`monitoring/exporter.yaml:18\`: spec.replicas, bf8d446 Ada Author, 2026-11-25 18:04:12 UTC: Run three exporters
- we had set it, and kubectl-edit changed it since
- managed by kubectl-edit (Update, 2026-11-25 18:05:33 UTC)

**Managed by**

- weka-gitops, which is us (Apply, 2026-11-25 18:04:20 UTC, 23 fields)

**What would change it**

- Edit monitoring/exporter.yaml:18 to keep what the cluster has.
`);
  });

  it('mentions nobody, and no line of a file ends its block', () => {
    const markdown = explanationMarkdown(
      anExplanation({
        owners: [{ manager: '@team #1 ![x](y)', operation: 'Apply', ours: false }],
        fields: [
          {
            path: 'data.k',
            to: '@team',
            state: 'differs',
            written: [{ what: 'data.k', file: 'a.yaml', line: 1, text: '``` @team <b>' }],
            owners: [],
          },
        ],
      }),
    );
    expect(markdown).toContain('- `@team #1 ![x](y)` (Apply)');
    expect(markdown).toContain('````yaml\n1 | ``` @team <b>\n````');
  });
});
