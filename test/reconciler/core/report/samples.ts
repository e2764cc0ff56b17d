import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import type { Health } from '../../../../reconciler/core/health/health.ts';
import {
  type GroupKind,
  type KubeObject,
  type ObjectId,
  parseObjectId,
} from '../../../../reconciler/core/kube/object.ts';
import type {
  Change,
  FieldChange,
  Flag,
  Outcome,
  Risk,
  Write,
} from '../../../../reconciler/core/plan/change.ts';
import type { Assessment, Report } from '../../../../reconciler/core/report/report.ts';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';

/** An assessment in which nothing is to do, but for `rest`. */
export function anAssessment(rest: Partial<Assessment> = {}): Assessment {
  return {
    cluster: 'production',
    ref: 'main',
    commit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d' as CommitSha,
    author: 'Jane Doe',
    subject: 'Scale the web tier',
    files: 3,
    documents: 5,
    settings: DEFAULT_SETTINGS,
    findings: [],
    changes: [],
    digest: `sha256:${'5eed'.repeat(16)}`,
    unread: [],
    health: new Map(),
    ...rest,
  };
}

/** A pass that took 1.5 s. */
export function aReport(rest: Partial<Report> = {}): Report {
  return {
    ...anAssessment(rest),
    startedAt: new Date('2026-11-25T18:04:10.500Z'),
    finishedAt: new Date('2026-11-25T18:04:12.000Z'),
    outcomes: [],
    ...rest,
  };
}

interface Rest {
  readonly fields?: readonly FieldChange[];
  readonly flags?: readonly Flag[];
  readonly risks?: readonly Risk[];
  readonly source?: string;
  readonly reason?: string;
}

/** A change of the object that `id` names. */
export function aChange<Op extends Change['op']>(
  op: Op,
  id: string,
  { fields = [], flags = [], risks, source, reason = 'It has to' }: Rest = {},
): Extract<Change, { op: Op }> {
  const object = anObject(id);
  const base = {
    id: id as ObjectId,
    fields,
    flags,
    ...(risks === undefined ? {} : { risks }),
    ...(source === undefined ? {} : { source }),
  };
  const all: { readonly [Name in Change['op']]: Extract<Change, { op: Name }> } = {
    create: { ...base, op: 'create', desired: object },
    update: { ...base, op: 'update', desired: object, live: object, force: false },
    replace: { ...base, op: 'replace', desired: object, live: object, reason },
    prune: { ...base, op: 'prune', live: object },
    keep: { ...base, op: 'keep' },
    refuse: { ...base, op: 'refuse', reason },
    wait: { ...base, op: 'wait', reason },
  };
  return all[op];
}

export function anObject(id: string, rest: Readonly<Record<string, unknown>> = {}): KubeObject {
  const { apiVersion, kind, namespace, name } = parseObjectId(id as ObjectId);
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...rest };
}

/** `write` of an object that carries the label of a WEKA cluster. */
export function labelled<Each extends Write>(cluster: string, write: Each): Each {
  const withLabel = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'weka.io/cluster-name': cluster } },
  });
  return {
    ...write,
    ...('desired' in write && { desired: withLabel(write.desired) }),
    ...('live' in write && { live: withLabel(write.live) }),
  };
}

export function done(change: Write): Outcome {
  return { change, result: 'done' };
}

export function failed(change: Write, why: string, hint?: string): Outcome {
  return { change, result: 'failed', code: 'API_FORBIDDEN', why, ...(hint === undefined ? {} : { hint }) };
}

export function aFinding(rest: Partial<Finding> = {}): Finding {
  return {
    level: 'error',
    rule: 'unknown-field',
    file: 'weka/web.yaml',
    line: 12,
    column: 3,
    message: 'Deployment has no field spec.replicass.',
    hint: 'Did you mean replicas?',
    excerpt: '  replicass: 4\n  ^',
    ...rest,
  };
}

export function health(states: Readonly<Record<string, Health>>): ReadonlyMap<ObjectId, Health> {
  return new Map(Object.entries(states).map(([id, state]) => [id as ObjectId, state]));
}

export const READY: Health = { state: 'current', message: '4 of 4 pods are ready' };

/** A plan with something of everything. */
export function aFullAssessment(): Assessment {
  return anAssessment({
    documents: 24,
    files: 9,
    pruneBlocked: 'a manifest has an error; nothing is pruned before that is mended',
    changes: [
      aChange('create', 'v1/Namespace/weka', {
        risks: [
          {
            name: 'cluster-scoped',
            reason: 'It concerns more than one namespace',
            evidence: 'Namespace weka: all that is in it, and who may make namespaces',
          },
        ],
        source: 'weka/namespace.yaml:1',
      }),
      aChange('create', 'v1/Secret/weka/quay-io-robot-secret', { source: 'weka/secret.yaml:1' }),
      aChange('update', 'apps/v1/Deployment/weka/web', {
        source: 'weka/web.yaml:1',
        risks: [
          {
            name: 'restart',
            reason: 'Its pods are stopped and made again from the new template',
            evidence: '3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once',
          },
        ],
        fields: [
          { path: 'spec.replicas', from: 3, to: 4 },
          {
            path: 'spec.template.spec.containers[name=weka].image',
            from: 'quay.io/weka.io/weka-in-container:4.4.2.118',
            to: 'quay.io/weka.io/weka-in-container:4.4.5.118-feature-nightly',
          },
          { path: 'spec.template.spec.nodeSelector["weka.io/supports-backends"]', to: 'true' },
        ],
      }),
      aChange('update', 'v1/ConfigMap/weka/boot', {
        source: 'weka/boot.yaml:1',
        fields: [
          {
            path: 'data["boot.sh"]',
            from: 'set -e\necho one\necho two\nexec weka\n',
            to: 'set -e\necho one\necho three\nexec weka\n',
          },
        ],
      }),
      aChange('update', 'v1/Secret/weka/login', {
        source: 'weka/login.yaml:1',
        flags: ['secret'],
        fields: [{ path: 'data.password', from: 'b2xk', to: 'bmV3' }],
      }),
      aChange('update', 'v1/Service/weka/web', {
        source: 'weka/web.yaml:40',
        flags: ['drift'],
        fields: [
          {
            path: 'spec.ports[port=80,protocol=TCP].targetPort',
            from: 9090,
            to: 8080,
            manager: 'kubectl-edit',
          },
        ],
      }),
      aChange('replace', 'batch/v1/Job/weka/format', {
        source: 'weka/format.yaml:1',
        reason: 'spec.template cannot be changed in place',
        fields: [{ path: 'spec.template.spec.containers[name=format].args', from: ['a'], to: ['a', 'b'] }],
      }),
      aChange('prune', 'v1/ConfigMap/weka/old-settings'),
      aChange('refuse', 'v1/PersistentVolumeClaim/weka/data', {
        reason: 'It may hold data, so it is never pruned: delete it by hand, or restore its manifest',
      }),
      aChange('wait', 'apps/v1/DaemonSet/weka/agent', {
        source: 'weka/agent.yaml:1',
        reason: 'It needs v1/Secret/weka/agent, whose manifest has an error (weka/agent.yaml:12)',
      }),
      ...Array.from({ length: 14 }, (_, n) => aChange('keep', `v1/ConfigMap/weka/kept-${n}`)),
    ],
    unread: [
      {
        kind: 'Ingress.networking.k8s.io' as GroupKind,
        namespace: 'weka',
        why: 'not allowed to list ingresses',
      },
    ],
    findings: [
      aFinding(),
      aFinding({
        level: 'warning',
        rule: 'latest-tag',
        file: 'weka/agent.yaml',
        line: 120,
        column: 16,
        message: 'The image has no tag, so what runs depends on when it is pulled.',
        hint: 'Name a version, e.g. busybox:1.37.',
        excerpt: '        image: busybox\n               ^',
      }),
    ],
    health: health({
      'apps/v1/Deployment/weka/web': { state: 'progressing', message: '3 of 4 replicas are ready' },
      'apps/v1/DaemonSet/weka/agent': READY,
      'v1/Service/weka/web': { state: 'current', message: 'It exists' },
      'v1/ConfigMap/weka/boot': { state: 'current', message: 'It exists' },
      'batch/v1/Job/weka/format': { state: 'failed', message: 'Job has reached the specified backoff limit' },
      'v1/Namespace/weka': { state: 'current', message: 'It exists' },
    }),
  });
}

/** The same, carried out: all went well, but for one failure and what needed it. */
export function aFullReport(): Report {
  const assessment = aFullAssessment();
  const [first, ...writes] = assessment.changes.filter(
    (change): change is Write => 'desired' in change || change.op === 'prune',
  );
  const [second, ...rest] = writes;
  if (first === undefined || second === undefined) throw new Error('The sample has too few writes');
  return aReport({
    ...assessment,
    outcomes: [
      failed(
        first,
        'not allowed to create namespaces',
        'Give the reconciler the right to create namespaces.',
      ),
      { change: second, result: 'held', why: 'It needs v1/Namespace/weka, which failed' },
      ...rest.map(done),
    ],
  });
}
