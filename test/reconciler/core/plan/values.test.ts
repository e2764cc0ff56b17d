import { describe, expect, it } from 'vitest';
import { isRecord, record, records } from '../../../../reconciler/core/kube/json.ts';
import { kindOf, KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import { type FieldPath, formatPath } from '../../../../reconciler/core/plan/field-path.ts';
import { quantityAt, sameScalar } from '../../../../reconciler/core/plan/values.ts';
import { sharedCluster } from '../../../cluster/shared.ts';

const control = await sharedCluster();

type Schema = Readonly<Record<string, unknown>>;

const { definitions } = await control.api.json<{ definitions: Record<string, Schema> }>('GET', '/openapi/v2');

/** Each field of a kind that refers to a type of Kubernetes without fields of its own, with the type's name. */
function* typed(schema: Schema, path: FieldPath, seen: readonly string[]): Generator<[FieldPath, string]> {
  const [ref] = [schema['$ref'], ...records(schema['allOf']).map((part) => part['$ref'])].filter(
    (each) => typeof each === 'string',
  );
  const name = ref?.replace('#/definitions/', '') ?? '';
  if (seen.includes(name)) return;
  const definition = ref === undefined ? schema : record(definitions[name]);
  const within = ref === undefined ? seen : [...seen, name];
  const { properties, items, additionalProperties } = definition;
  if (isRecord(items)) yield* typed(items, [...path, { index: 0 }], within);
  else if (isRecord(additionalProperties))
    yield* typed(additionalProperties, [...path, { field: 'any' }], within);
  else if (isRecord(properties)) {
    for (const [field, member] of Object.entries(properties)) {
      if (field !== 'status') yield* typed(record(member), [...path, { field }], within);
    }
  } else yield [path, name.slice(name.lastIndexOf('.') + 1)];
}

const fields = KINDS.flatMap((kind) => {
  const definition = Object.values(definitions).find((schema) =>
    records(schema['x-kubernetes-group-version-kind']).some(({ group, version, kind: name }) => {
      const apiVersion = group === '' ? String(version) : `${String(group)}/${String(version)}`;
      return kindOf({ apiVersion, kind: String(name) }) === kind;
    }),
  );
  return [...typed(record(definition), [], [])].map(([path, type]) => ({ kind: kind.kind, path, type }));
});

const named = ({ kind, path }: { kind: string; path: FieldPath }) => `${kind} ${formatPath(path)}`;

describe('how values are compared', () => {
  it('is as amounts where the API server says that they are amounts, and nowhere else', () => {
    const amounts = fields.filter(({ type }) => type === 'Quantity');
    expect(amounts.length).toBeGreaterThan(100);
    expect(amounts.filter(({ path }) => quantityAt(path) === undefined).map(named)).toEqual([]);
    const others = fields.filter(({ type, path }) => type !== 'Quantity' && quantityAt(path) !== undefined);
    expect(others.map(named)).toEqual([]);
  });

  it('needs no form for durations, which no kind that may be applied has', () => {
    expect(fields.filter(({ type }) => type === 'Duration').map(named)).toEqual([]);
  });

  it('tells amounts of resources apart as finely as Kubernetes keeps them', () => {
    const cpu: FieldPath = [{ field: 'limits' }, { field: 'cpu' }];
    expect(sameScalar('1000001u', '1001m', cpu)).toBe(true);
    expect(sameScalar('0.1234567Gi', '132560622244m', cpu)).toBe(true);
    expect(sameScalar('1', '1001m', cpu)).toBe(false);
    expect(sameScalar('1000001u', '1001m', [{ field: 'emptyDir' }, { field: 'sizeLimit' }])).toBe(false);
  });

  /** Where a field takes a number or a text, a number in quotes is another value, and none that the server takes. */
  it.each([
    ['v1', 'services', { ports: [{ port: 80, targetPort: '8080' }] }],
    ['apis/policy/v1', 'poddisruptionbudgets', { minAvailable: '1', selector: { matchLabels: { a: 'b' } } }],
    [
      'apis/networking.k8s.io/v1',
      'networkpolicies',
      { podSelector: {}, ingress: [{ ports: [{ port: '8080' }] }] },
    ],
  ])('takes a number in quotes for a text, as %s %s do', async (group, plural, spec) => {
    const namespace = await control.namespace();
    const path = `/${group === 'v1' ? 'api/v1' : group}/namespaces/${namespace}/${plural}?dryRun=All`;
    await expect(control.api.json('POST', path, { metadata: { name: 'a' }, spec })).rejects.toThrow(
      /422|Invalid/,
    );
    expect(sameScalar('8080', 8080, [{ field: 'targetPort' }])).toBe(false);
  });
});
