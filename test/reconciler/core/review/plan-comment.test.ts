import { describe, expect, it } from 'vitest';
import type { AwaitedApproval } from '../../../../reconciler/core/plan/approvals/awaited.ts';
import { readMarker } from '../../../../reconciler/core/review/marker.ts';
import { isSameComment, planComment } from '../../../../reconciler/core/review/plan-comment.ts';
import type { Frame, Told } from '../../../../reconciler/core/review/told.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import { aChange, aFinding, aFullAssessment } from '../report/samples.ts';
import { AT, aFrame, aPlanMarker, BASE, HEAD, planned } from './frames.ts';
import { liveComment, withoutMarker } from './live-comment.ts';

const DIGEST = `sha256:${'5eed'.repeat(16)}`;

const awaited: AwaitedApproval = {
  request: {
    action: 'replace-object',
    target: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'weka', name: 'format' },
    digest: `sha256:${'ab'.repeat(32)}`,
  },
  targets: ['batch/v1/Job/weka/format' as never],
  file: {
    name: 'replace-object-format',
    path: 'approvals/replace-object-format.yaml',
    text: 'kind: Approval\nspec:\n  reason: ""\n  expires: 2026-12-02T19:00:00Z\n',
  },
};

/** What readers see. */
function shown(told: Told, frame: Partial<Frame> = {}): string {
  const comment = planComment(told, aFrame(frame));
  if (comment === undefined) throw new Error('There is no comment');
  return withoutMarker(comment.text);
}

describe('planComment', () => {
  it('says what would happen, and what of the plan it is about', () => {
    const told = planned({
      changes: [aChange('create', 'v1/ConfigMap/weka/a', { source: 'weka/a.yaml:3' })],
    });
    expect(shown({ ...told, files: ['weka/a.yaml'] })).toBe(`### Plan for production

**1 to create**

#### Configuration and volumes: 1 to create

|  | Object | Manifest |
| --- | --- | --- |
| \`+\` | \`v1/ConfigMap/weka/a\` | [\`weka/a.yaml:3\`](https://forge.example/storage/weka/src/commit/${HEAD}/weka/a.yaml#L3) |

Next: the merge carries out 1 change.

[\`aaaaaaa\`](https://forge.example/storage/weka/commit/${HEAD}) merged into [\`bbbbbbb\`](https://forge.example/storage/weka/commit/${BASE}), 2026-11-25 19:00:00 UTC. 5 objects in 3 files. Plan \`${DIGEST}\`.
`);
  });

  it('begins with a marker that says what it is about', () => {
    const state = {
      head: HEAD,
      base: BASE,
      digest: DIGEST,
      shownAt: AT.toISOString(),
      reviewed: DIGEST,
      reviewedBase: BASE,
    };
    const comment = planComment(planned(), aFrame({ state, handled: 12 }));
    expect(readMarker(comment?.text ?? '')).toEqual({
      v: 1,
      repository: 'storage/weka',
      cluster: 'production',
      kind: 'plan',
      head: HEAD,
      base: BASE,
      digest: DIGEST,
      summary: 'nothing to change',
      body: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      handled: 12,
      gate: state,
      earlier: [],
    });
  });

  it('sums up counts, the gravest risk and what it waits for', () => {
    const changes = [
      aChange('update', 'v1/ConfigMap/weka/a', { risks: [{ name: 'restart', reason: 'It restarts' }] }),
      aChange('prune', 'v1/ConfigMap/weka/b', { risks: [{ name: 'data-loss', reason: 'It goes' }] }),
    ];
    const text = shown(planned({ changes, awaited: [awaited] }));
    expect(text.split('\n\n')[1]).toBe(
      '**1 to change, 1 to prune; gravest risk: data-loss; waits for an Approval**',
    );
    expect(text).toContain('- **data-loss** in 1 object: ');
  });

  it('shows the file that consents, below the folder of the manifests, and the command that commits it', () => {
    const told = planned({ awaited: [awaited] }, { folder: 'clusters/hall-1/' });
    const unlocks = [{ approval: awaited.file.path, passes: [] }];
    const forecast = { settled: true, passes: [], left: [], pending: [], unlocks, unlocksLeftOut: 0 };
    const text = shown({ ...told, plan: { ...told.plan, forecast } });
    expect(text).toContain('With `clusters/hall-1/approvals/replace-object-format.yaml`: nothing.');
    expect(text).toContain(`\`clusters/hall-1/approvals/replace-object-format.yaml\`: replace-object of Job`);
    expect(text).toContain('```yaml\nkind: Approval\nspec:\n');
    expect(text).toContain(
      `\`\`\`text\n/weka-gitops approve sha256:${'ab'.repeat(32)} --cluster production\n\`\`\``,
    );
  });

  it('leads findings to the commit that has the line: the head for what it changes, the base for the rest', () => {
    const findings = [aFinding({ file: 'a.yaml', line: 4 }), aFinding({ file: 'b.yaml', line: 5 })];
    const text = shown(planned({ findings }, { files: ['a.yaml'] }));
    expect(text).toContain(`](https://forge.example/storage/weka/src/commit/${HEAD}/a.yaml#L4)`);
    expect(text).toContain(`](https://forge.example/storage/weka/src/commit/${BASE}/b.yaml#L5)`);
  });

  it('says that a plan is another one than was looked at', () => {
    const gate = { is: 'moved', why: 'base', since: AT.toISOString() } as const;
    expect(shown(planned({}, { gate }))).toContain(
      '**The plan changed after it was shown: the base moved.** Look again; then approve the pull request, or comment `/weka-gitops plan`.',
    );
  });

  it('says which Settings change with the merge', () => {
    const settingsChanges = [
      { path: 'spec.drift', from: 'correct', to: 'report' },
      { path: 'spec.external.secrets', from: [], to: ['weka/robot'] },
    ];
    const told = planned({}, { settingsChanges });
    expect(shown(told)).toContain(
      '- `spec.drift: correct → report`\n- `spec.external.secrets: none → ["weka/robot"]`',
    );
    expect(shown(told, { isFork: true })).toContain('Secrets are not shown to forks.');
    expect(shown(told, { isFork: true })).not.toContain('robot');
  });

  it('lists apart what has nothing to do with it', () => {
    const { changes } = planned({
      changes: [aChange('create', 'v1/ConfigMap/weka/other'), aChange('keep', 'v1/ConfigMap/weka/kept')],
    }).plan;
    const alsoWithout = { changes, undone: ['v1/ConfigMap/weka/gone'], findings: 2 };
    const text = shown(planned({}, { alsoWithout }));
    expect(text).toContain('**nothing to change**');
    expect(text).toContain(`<summary>1 change that a pass makes without the merge as well</summary>

|  | Object |
| --- | --- |
| \`+\` | \`v1/ConfigMap/weka/other\` |

</details>

<details>
<summary>1 object that a pass would change without the merge only</summary>

| Object |
| --- |
| \`v1/ConfigMap/weka/gone\` |

</details>

2 findings that the base has as well are not shown.
`);
  });

  it('says that it cannot be merged, and where', () => {
    const files = ['weka/a.yaml', '@team/fixes #1'];
    const text = shown({ result: 'conflict', files });
    expect(text.split('\n\n').slice(0, 3)).toEqual([
      '### No plan for production',
      '**It cannot be merged: a person has to bring both sides together first**',
      '- `weka/a.yaml`\n- `@team/fixes #1`',
    ]);
  });

  it('says why it could not be planned, without what looks like a secret', () => {
    const error = {
      code: 'API_UNREACHABLE',
      message: 'No answer from https://user:hunter22@api.example.',
      hint: 'Look at it.',
    };
    const text = shown({ result: 'failed', error });
    expect(text).toContain('`API_UNREACHABLE`: No answer from');
    expect(text).toContain('Hint: Look at it.');
    expect(text).not.toContain('hunter22');
  });

  it('says nothing of a pull request that changes nothing, unless something was said before', () => {
    expect(planComment({ result: 'nothing' }, aFrame())).toBeUndefined();
    const text = shown({ result: 'nothing' }, { before: aPlanMarker({ summary: '3 to create' }) });
    expect(text).toContain('**Nothing here changes production any more**');
    expect(text).toContain(
      `<details>\n<summary>1 earlier plan</summary>\n\n- [\`aaaaaaa\`](https://forge.example/storage/weka/commit/${HEAD}): 3 to create \`sha256:111111111111\`\n\n</details>`,
    );
  });

  it('keeps what people have looked at while no plan can be made', () => {
    const gate = {
      head: HEAD,
      base: BASE,
      digest: DIGEST,
      shownAt: AT.toISOString(),
      reviewed: DIGEST,
      reviewedBase: BASE,
    };
    const before = aPlanMarker({ gate });
    expect(planComment({ result: 'conflict', files: [] }, aFrame({ before }))?.marker.gate).toEqual(gate);
  });

  it.each([3000, 8000, 20_000, 65_536])(
    'never has more than %i characters, with its marker',
    async (limit) => {
      const full = aFullAssessment();
      const long = (n: number) => `${'very-'.repeat(20)}long-name-${n}`;
      const many = planned(
        {
          ...full,
          awaited: Array.from({ length: 30 }, () => awaited),
          changes: Array.from({ length: 1000 }, (_, n) =>
            aChange('update', `v1/ConfigMap/weka/${long(n)}`, { source: `weka/${long(n)}.yaml:1` }),
          ),
          findings: Array.from({ length: 300 }, (_, n) => aFinding({ file: long(n) })),
        },
        { settingsChanges: Array.from({ length: 40 }, (_, n) => ({ path: `spec.${long(n)}`, to: long(n) })) },
      );
      const alsoWithout = {
        changes: many.plan.changes,
        undone: many.plan.changes.map(({ target }) => target),
        findings: 9,
      };
      const earlier = Array.from({ length: 10 }, (_, n) => ({
        head: HEAD,
        digest: `sha256:${String(n).repeat(64)}`,
        summary: 'x'.repeat(200),
      }));
      for (const told of [
        { ...many, alsoWithout },
        { result: 'conflict', files: many.plan.findings.map(({ file }) => file) },
      ] as const) {
        const comment = planComment(told, aFrame({ limit, before: aPlanMarker({ earlier }) }));
        const text = comment?.text ?? '';
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(readMarker(text)).toEqual(comment?.marker);
        expect(await liveComment(text)).toEqual([]);
      }
    },
  );
});

describe('isSameComment', () => {
  const told = planned({ awaited: [awaited] }, { files: [] });
  const marker = (change: Partial<Frame> = {}, of: Told = told) => {
    const written = planComment(of, aFrame(change));
    if (written === undefined) throw new Error('There is no comment');
    return written.marker;
  };

  it('holds whatever the time, the base and the time of day when an Approval would end', () => {
    const later = {
      ...awaited,
      file: { ...awaited.file, text: awaited.file.text.replace('T19:00:00Z', 'T23:59:00Z') },
    };
    const again = planned({ awaited: [later] });
    const moved = { at: new Date('2026-11-25T23:00:00Z'), base: 'c'.repeat(40) as CommitSha };
    expect(isSameComment(marker(), marker(moved, again))).toBe(true);
  });

  it('holds whatever the process that marked hidden values', () => {
    const withMark = (mark: string) =>
      planned({
        changes: [
          aChange('update', 'v1/ConfigMap/weka/a', { fields: [{ path: 'data.token', from: mark, to: 'x' }] }),
        ],
      });
    expect(
      isSameComment(marker({}, withMark('(hidden #01234567)')), marker({}, withMark('(hidden #89abcdef)'))),
    ).toBe(true);
  });

  it.each<[string, Partial<Frame>, Told]>([
    ['another plan', {}, planned({ digest: `sha256:${'7'.repeat(64)}` })],
    [
      'another day when an Approval would end',
      {},
      planned({
        awaited: [{ ...awaited, file: { ...awaited.file, text: 'expires: 2026-12-03T19:00:00Z' } }],
      }),
    ],
    ['a command that was answered', { handled: 3 }, told],
    ['another head', { head: 'd'.repeat(40) as CommitSha }, told],
    ['a plan before it', { before: aPlanMarker() }, told],
  ])('does not hold with %s', (_, frame, other) => {
    expect(isSameComment(marker(), marker(frame, other))).toBe(false);
  });
});
