import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaAt, unwrapped } from '../../reconciler/core/spec/rules/schema-fields.ts';
import { SPEC_KINDS } from '../../schemas/spec.ts';
import { readFiles } from '../reconciler/core/spec/read.ts';

interface Row {
  readonly kind: string;
  readonly type: string;
  readonly field: string;
  readonly goType: string;
}

const text = readFileSync(new URL('weka-api-fields.tsv', import.meta.url), 'utf8');
const rows = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line): Row => {
    const [kind = '', type = '', field = '', goType = ''] = line.split('\t');
    return { kind, type, field, goType };
  });
const kinds = [...new Set(rows.map(({ kind }) => kind))];
const lists = rows.filter(({ type }) => type.endsWith('List'));

const POLICY = ['auto', 'shared', 'dedicated', 'dedicated_ht', 'manual'];

/** Go's named texts: their values, or none where any text will do. */
const NAMED_TEXTS: Readonly<Record<string, readonly string[] | undefined>> = {
  NodeName: undefined,
  ContainerStatus: undefined,
  WekaClientStatusEnum: undefined,
  WekaClusterStatusEnum: undefined,
  CpuPolicy: POLICY,
  ContainerState: ['active', 'paused', 'destroying', 'deleting'],
  DumperConfigMode: ['auto', 'override', 'partial-override', 'cluster'],
  NICType: ['aws', 'oci'],
  UpgradePolicyType: ['rolling', 'manual', 'all-at-once', 'all-at-once-force'],
};

/** Values that a type of Kubernetes or of the operator takes, and some that it does not. */
const SAMPLES: Readonly<
  Record<string, { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }>
> = {
  'metav1.Duration': { good: ['0', '90s', '1h30m', '24h0m0s', '1.5h'], bad: [90, '90', '7d', '-5m', ''] },
  'metav1.Time': { good: ['2026-01-31T18:00:00Z'], bad: [5, {}] },
  'metav1.Condition': {
    good: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Done',
        message: '',
        lastTransitionTime: '2026-01-31T18:00:00Z',
      },
    ],
    bad: [{ type: 'Ready', status: true }, 'Ready'],
  },
  'resource.Quantity': { good: [1, 0.5, '500m', '2Gi', '1e3', '.5'], bad: ['lots', '2 Gi', '1GiB', true] },
  'v1.Toleration': {
    good: [{}, { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
    bad: [{ operator: 'exists' }, { effects: 'NoSchedule' }, 'a'],
  },
  'v1.TopologySpreadConstraint': {
    good: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: {} },
      },
    ],
    bad: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }, { maxSkew: 1 }],
  },
  'v1.Affinity': {
    good: [
      {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
          },
        },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
          ],
        },
      },
    ],
    bad: [{ nodeAffinities: {} }, { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } }],
  },
  'v1.ContainerPort': {
    good: [{ containerPort: 1, name: 'a', protocol: 'TCP' }],
    bad: [{ containerPort: 70_000 }, { name: 'a' }, 1],
  },
  'v1.EnvVarSource': {
    good: [{ secretKeyRef: { name: 'a', key: 'b' } }, { fieldRef: { fieldPath: 'spec.nodeName' } }],
    bad: [{ secretKeyRef: { name: 'a' } }, { secret: {} }],
  },
  IntMetric: { good: [{ value: 5, timestamp: '2026-01-31T18:00:00Z' }], bad: [5, { value: '5' }] },
  FloatMetric: { good: [{ value: '0.50' }], bad: [0.5, { value: 0.5 }] },
  StringMetric: { good: [{ value: '6/6/6' }], bad: ['6/6/6', { value: 6 }] },
};

/** What Go leaves without `omitempty`, or without which nothing could be made. Everything else may be left out. */
const REQUIRED: ReadonlySet<string> = new Set([
  'WekaClusterSpec.image',
  'WekaClientSpec.image',
  'WekaContainerSpec.image',
  'WekaContainerSpec.mode',
  'WekaManualOperationSpec.action',
  'WekaManualOperationSpec.payload',
  'WekaPolicySpec.type',
  'WekaPolicySpec.payload',
  'PVCConfig.name',
  'ObjectReference.name',
  'ObjectReference.namespace',
  'Instructions.type',
  'SignDrivesPayload.type',
  'EnsureNICsPayload.type',
  'ForceResignDrivesPayload.nodeName',
  'SmbwConfig.domainName',
  'SmbwConfig.domainJoinSecret',
  'TelemetryExport.name',
  'TelemetryExport.sources',
  'SplunkExportConfig.authTokenSecretRef',
  'SplunkExportConfig.endpoint',
  'VaultConfig.address',
  'VaultConfig.role',
  'InternalEncryptionConfig.enabled',
]);

/** Checks a kind's schema against its rows, and tells which rows it has met and what is wrong. */
function walk(kind: string): { readonly met: ReadonlySet<Row>; readonly wrong: readonly string[] } {
  const met = new Set<Row>();
  const wrong: string[] = [];

  const struct = (type: string, schema: z.ZodType, path: string): void => {
    for (const row of rows.filter((each) => each.kind === kind && each.type === type)) {
      met.add(row);
      const at = `${path}.${row.field}`;
      const field = schemaAt(schema, [row.field]);
      if (field === undefined) wrong.push(`${at} is missing`);
      else {
        const required = REQUIRED.has(`${type}.${row.field}`) || at === `${kind}.spec`;
        if (field.safeParse(undefined).success === required)
          wrong.push(`${at} may ${required ? '' : 'not '}be left out`);
        typed(row.goType, field, at);
      }
    }
  };

  const typed = (goType: string, field: z.ZodType, at: string): void => {
    const schema = unwrapped(field);
    const must = (holds: boolean): void => {
      if (!holds) wrong.push(`${at} is no ${goType}`);
    };
    const plain = goType.replace(/^\*/, '');
    if (plain.startsWith('[]')) {
      must(schema instanceof z.ZodArray);
      if (schema instanceof z.ZodArray) typed(plain.slice(2), schema.element as z.ZodType, `${at}[]`);
    } else if (plain.startsWith('map[string]')) {
      must(schema instanceof z.ZodRecord);
      if (schema instanceof z.ZodRecord)
        typed(plain.slice('map[string]'.length), schema.valueType as z.ZodType, `${at}{}`);
    } else if (plain === 'string') must(schema instanceof z.ZodString || schema instanceof z.ZodEnum);
    else if (plain === 'bool') must(schema instanceof z.ZodBoolean);
    else if (plain === 'int') {
      must(
        schema instanceof z.ZodNumber && !field.safeParse(1.5).success && !field.safeParse(2 ** 53).success,
      );
    } else if (plain === 'runtime.RawExtension') {
      typed(/spread/i.test(at) ? '[]v1.TopologySpreadConstraint' : 'v1.Affinity', field, at);
    } else if (Object.hasOwn(NAMED_TEXTS, plain)) {
      const values = NAMED_TEXTS[plain];
      if (values === undefined) must(schema instanceof z.ZodString);
      else must(schema instanceof z.ZodEnum && values.join() === schema.options.join());
    } else if (SAMPLES[plain] !== undefined) {
      const { good, bad } = SAMPLES[plain];
      must(good.every((value) => field.safeParse(value).success));
      must(bad.every((value) => !field.safeParse(value).success));
    } else {
      must(
        schema instanceof z.ZodObject &&
          rows.some(({ type }) => type === plain || plain === 'SchedulingConfigPayload'),
      );
      struct(plain, schema as z.ZodType, at);
    }
  };

  const root = SPEC_KINDS.find((each) => each.kind === kind)?.schema;
  if (root === undefined) wrong.push(`${kind} has no schema`);
  else struct(kind, root, kind);
  return { met, wrong };
}

describe('the fields of the operator’s API', () => {
  it('are 616, of five kinds', () => {
    expect(rows).toHaveLength(616);
    expect(kinds).toEqual([
      'WekaClient',
      'WekaCluster',
      'WekaContainer',
      'WekaManualOperation',
      'WekaPolicy',
    ]);
  });

  it.each(kinds)('of a %s are all there, each with its type', (kind) => {
    const { met, wrong } = walk(kind);
    expect(wrong).toEqual([]);
    const mine = rows.filter((row) => row.kind === kind && !lists.includes(row));
    expect(mine.filter((row) => !met.has(row))).toEqual([]);
  });

  it.each(lists)('of a $type are manifests of their own', ({ type, kind, field }) => {
    const item = { metadata: { name: 'a', namespace: 'weka' }, spec: { nonsense: 1 } };
    const list = { apiVersion: 'weka.weka.io/v1alpha1', kind: type, [field]: [item, item] };
    const { documents, findings } = readFiles({ 'a.json': JSON.stringify(list) });
    expect(documents).toBe(2);
    expect(findings.map(({ message }) => message)).toContain(`"nonsense" is no field of spec in a ${kind}.`);
  });
});
