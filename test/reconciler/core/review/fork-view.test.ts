import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupKind, KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { Forecast } from '../../../../reconciler/core/forecast/forecast.ts';
import { type Change, isWrite } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { jsonText, planOutput, reportOutput } from '../../../../reconciler/core/report/json.ts';
import type { Assessment } from '../../../../reconciler/core/report/report.ts';
import { findingAnnotations } from '../../../../reconciler/core/review/annotations.ts';
import { closingComment } from '../../../../reconciler/core/review/closing-comment.ts';
import { appliedStatus, headStatus } from '../../../../reconciler/core/review/commit-status.ts';
import { forkReport } from '../../../../reconciler/core/review/fork-report.ts';
import { forkView } from '../../../../reconciler/core/review/fork-view.ts';
import { planComment } from '../../../../reconciler/core/review/plan-comment.ts';
import { aChange, aFinding, anAssessment, anObject, aReport, failed, health } from '../report/samples.ts';
import { aFrame, PAGES, planned } from './frames.ts';

/** Names that nothing else of the samples has. */
const secretName = fc
  .stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/)
  .filter((name) => !name.includes('..'))
  .map((name) => `zq${name}qz`);
const secretValue = fc.string({ minLength: 1, maxLength: 20 }).map((text) => `S3cr3t${text}S3cr3t`);

/** A deployment that uses the Secret in all ways that there are. */
function user(name: string): KubeObject {
  return anObject('apps/v1/Deployment/weka/web', {
    spec: {
      template: {
        spec: {
          imagePullSecrets: [{ name }],
          volumes: [{ name: 'a', secret: { secretName: name } }],
          containers: [
            {
              name: 'web',
              env: [{ name: 'X', valueFrom: { secretKeyRef: { name, key: 'x' } } }],
              envFrom: [{ secretRef: { name } }],
            },
          ],
        },
      },
    },
  });
}

/** Two Secrets and what refers to them, with their names in every place where a plan may have them. */
function withSecrets(name: string, other: string, value: string): Assessment {
  const id = `v1/Secret/weka/${name}`;
  const object = { ...anObject(id), data: { password: Buffer.from(value).toString('base64') } };
  const deployment = user(name);
  const changes: Change[] = [
    { ...aChange('create', id, { source: 'secret.yaml:1' }), desired: object },
    aChange('keep', `v1/Secret/weka/${other}`, { source: 'both.yaml:1' }),
    aChange('prune', `v1/Secret/other/${other}`),
    {
      ...aChange('update', 'apps/v1/Deployment/weka/web', {
        source: 'both.yaml:9',
        fields: [
          { path: `spec.template.spec.imagePullSecrets[name=${name}].name`, to: name },
          { path: 'spec.template.spec.volumes[name=a].secret.secretName', from: other, to: name },
          { path: `spec.template.spec.volumes[name=${name}].emptyDir`, to: {} },
          {
            path: 'spec.template.spec.containers[name=web].env',
            to: [
              { name: 'X', valueFrom: { secretKeyRef: { name, key: 'x' } } },
              { name: 'Y', value: `at ${name}.` },
            ],
          },
          {
            path: 'spec.template.metadata.annotations.token',
            from: '(hidden #01234567)',
            to: '(hidden #89abcdef)',
          },
        ],
        risks: [
          {
            name: 'restart',
            reason: `It uses Secret weka/${name}`,
            evidence: `v1/Secret/weka/${name}, ${other}`,
          },
        ],
      }),
      desired: deployment,
      unplaced: deployment,
      live: user(other),
    },
    aChange('wait', 'apps/v1/DaemonSet/weka/agent', { reason: `It needs ${id}, which waits` }),
    aChange('refuse', 'batch/v1/Job/weka/format', { reason: `secrets "${name}" not found` }),
  ];
  return anAssessment({
    files: 4,
    documents: 6,
    changes,
    findings: [
      aFinding({ object: id, message: 'It is odd.' }),
      aFinding({ rule: 'missing-secret', message: `${name} is not there.` }),
      aFinding({
        level: 'warning',
        message: `It looks like ${name}.`,
        hint: `See ${other}.`,
        excerpt: `  a: ${name}`,
      }),
    ],
    pruneBlocked: 'manifests have 2 errors',
    unread: [{ kind: 'Secret' as GroupKind, why: `no ${name}` }],
    health: health({
      [id]: { state: 'current', message: 'It exists' },
      'apps/v1/Deployment/weka/web': { state: 'failed', message: `secret "${name}" not found` },
    }),
    awaited: [
      {
        request: {
          action: 'prune-object',
          target: { apiVersion: 'v1', kind: 'Secret', namespace: 'weka', name },
          digest: `sha256:${'ab'.repeat(32)}`,
        },
        targets: [id as ObjectId],
        file: { name, path: `approvals/prune-object-${name}.yaml`, text: `target: ${name}\n` },
      },
    ],
    digest: planDigest(changes),
  });
}

function forecastOf({ changes, awaited = [] }: Assessment): Forecast {
  const writes = changes.filter(
    (change) => change.op === 'create' || change.op === 'update' || change.op === 'prune',
  );
  const waits = changes.filter((change) => change.op === 'wait' || change.op === 'refuse');
  const [first, ...rest] = writes;
  const passes = [{ stages: [first === undefined ? [] : [first], rest], waits }];
  const unlocks = awaited.map((approval) => ({ approval, passes }));
  return { settled: true, passes, left: waits, pending: waits, unlocks, unlocksLeftOut: 0 };
}

/** All that a fork is ever shown. */
function shownToFork(assessment: Assessment, names: string): string {
  const view = forkView(assessment, forecastOf(assessment));
  const plan = planOutput(view.assessment, view.forecast);
  const told = planned({}, { plan, files: plan.findings.map(({ file }) => file) });
  const report = aReport({
    ...assessment,
    outcomes: assessment.changes.flatMap((change) =>
      isWrite(change) ? [failed(change, `It needs ${change.id}, and ${names}`, `See ${names}.`)] : [],
    ),
  });
  const forked = forkReport(reportOutput(report));
  return [
    // What is made of it later is made of this.
    JSON.stringify([view.assessment.changes, view.forecast]),
    jsonText(plan),
    planComment(told, aFrame({ isFork: true }))?.text ?? '',
    JSON.stringify(headStatus(told, { cluster: 'production' })),
    JSON.stringify(findingAnnotations(plan.findings, { files: told.files })),
    jsonText(forked),
    closingComment(forked, { repository: 'storage/weka', pages: PAGES, limit: 65_536, approvals: 0 }).text,
    JSON.stringify(
      appliedStatus({ news: 'report', report: forked, approvals: 0 }, { cluster: 'production' }),
    ),
  ].join('\n');
}

describe('forkView', () => {
  it('names no Secret and holds none of their values, wherever they were', () => {
    fc.assert(
      fc.property(secretName, secretName, secretValue, (name, other, value) => {
        const shown = shownToFork(withSecrets(name, other, value), `${name} ${other}`);
        for (const trace of [name, other, 'S3cr3t', Buffer.from('S3cr3t').toString('base64').slice(0, 8)]) {
          expect(shown).not.toContain(trace);
        }
        expect(shown).not.toMatch(/hidden #/);
        expect(shown).not.toContain('v1/Secret/');
        expect(shown).toContain('apps/v1/Deployment/weka/web');
      }),
      { numRuns: 60 },
    );
  });

  it('counts nothing of them', () => {
    const { assessment } = forkView(withSecrets('login', 'robot', 'x'));
    const { summary, files, documents, pruneBlocked } = planOutput(assessment);
    expect({ ...summary, files, documents, pruneBlocked }).toEqual({
      create: 0,
      update: 1,
      replace: 0,
      prune: 0,
      keep: 0,
      refuse: 1,
      wait: 1,
      run: 0,
      errors: 0,
      warnings: 1,
      ignored: 0,
      files: 3,
      documents: 4,
      pruneBlocked: 'a manifest has an error',
    });
    expect(assessment.awaited).toEqual([]);
  });

  it('has a digest of what is shown, whatever is hidden', () => {
    const digest = (name: string, value: string) =>
      forkView(withSecrets(name, 'robot', value)).assessment.digest;
    expect(digest('login', 'x')).toBe(digest('account', 'y'));
    const other = withSecrets('login', 'robot', 'x');
    const changes = [...other.changes, aChange('create', 'v1/ConfigMap/weka/more')];
    expect(forkView({ ...other, changes }).assessment.digest).not.toBe(digest('login', 'x'));
  });

  it('leaves a plan without Secrets as it is', () => {
    const changes = [
      aChange('update', 'v1/ConfigMap/weka/a', {
        fields: [{ path: 'data.a', from: 'b', to: 'c' }],
        source: 'a.yaml:1',
      }),
    ];
    const plain = anAssessment({ changes, digest: planDigest(changes), findings: [aFinding()] });
    const { assessment } = forkView(plain);
    expect(planOutput(assessment)).toEqual(planOutput(plain));
  });

  it('keeps a word that is the name of something else as well', () => {
    const changes = [
      aChange('create', 'v1/Secret/weka/web'),
      aChange('wait', 'apps/v1/Deployment/weka/web', { reason: 'web waits for Secret weka/web' }),
    ];
    expect(planOutput(forkView(anAssessment({ changes })).assessment).changes[0]?.reason).toBe(
      'web waits for a Secret',
    );
  });
});
