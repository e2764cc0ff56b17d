import { describe, expect, it } from 'vitest';
import { isRecord, record, records } from '../../../../reconciler/core/kube/json.ts';
import { kindOf, KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import { type FieldPath, formatPath, lastField } from '../../../../reconciler/core/plan/field-path.ts';
import { isAtomicMap, keyedElements } from '../../../../reconciler/core/plan/merge-keys.ts';
import { sharedCluster } from '../../../cluster/shared.ts';

const control = await sharedCluster();
const api = await control.api.json<{ definitions: Record<string, Schema> }>('GET', '/openapi/v2');

type Schema = Readonly<Record<string, unknown>>;

/** How the API server merges each map and list of the kinds that may be applied, by its own description. */
function* described(schema: Schema, path: FieldPath, seen: readonly string[]): Generator<Merged> {
  const [ref] = [schema['$ref'], ...records(schema['allOf']).map((part) => part['$ref'])].filter(
    (each) => typeof each === 'string',
  );
  if (ref !== undefined && seen.includes(ref)) return;
  const definition = ref === undefined ? schema : record(api.definitions[ref.replace('#/definitions/', '')]);
  const within = ref === undefined ? seen : [...seen, ref];
  const items = definition['items'];
  if (isRecord(items)) {
    const sample = sampleOf(items);
    const type = definition['x-kubernetes-list-type'] ?? 'atomic';
    const keys = definition['x-kubernetes-list-map-keys'];
    yield {
      path,
      sample: [sample],
      merges: type === 'map' ? `by ${String(keys)}` : type === 'set' ? 'by value' : 'whole',
    };
    // What is in an element of a keyed list is merged in turn, unless the element is replaced as a whole.
    const isAtomicElement = record(resolve(items))['x-kubernetes-map-type'] === 'atomic';
    if (type === 'map' && !isAtomicElement) yield* described(items, [...path, { keys: {} }], within);
    return;
  }
  if (path.length > 0 && (isRecord(definition['properties']) || definition['type'] === 'object')) {
    const type = schema['x-kubernetes-map-type'] ?? definition['x-kubernetes-map-type'];
    yield { path, sample: {}, merges: type === 'atomic' ? 'whole' : 'by field' };
    if (type === 'atomic') return;
  }
  for (const [field, member] of Object.entries(record(definition['properties']))) {
    if (path.length === 0 && field === 'status') continue;
    if (field !== 'managedFields') yield* described(record(member), [...path, { field }], within);
  }
}

interface Merged {
  readonly path: FieldPath;
  readonly sample: unknown;
  readonly merges: string;
}

function resolve(schema: Schema): unknown {
  const ref = schema['$ref'];
  return typeof ref === 'string' ? api.definitions[ref.replace('#/definitions/', '')] : schema;
}

/** An item with a value for each plain field, so that keys are found wherever they may be looked for. */
function sampleOf(items: Schema): unknown {
  const schema = record(resolve(items));
  if (schema['type'] === 'string') return 'x';
  if (schema['type'] === 'integer') return 1;
  const plain = Object.entries(record(schema['properties'])).flatMap(([name, member]) => {
    const { type } = record(member);
    return type === 'string' ? [[name, 'x']] : type === 'integer' ? [[name, 1]] : [];
  });
  return Object.fromEntries(plain);
}

function ourMerge({ path, sample }: Merged): string {
  if (!Array.isArray(sample)) return isAtomicMap(path) ? 'whole' : 'by field';
  const step = keyedElements(path, sample)?.values().next().value?.step;
  if (step === undefined) return 'whole';
  return 'keys' in step ? `by ${Object.keys(step.keys).join()}` : 'by value';
}

describe('how maps and lists are merged', () => {
  it.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    'is what the API server says of a %s',
    (_name, kind) => {
      const definition = Object.values(api.definitions).find((schema) =>
        records(schema['x-kubernetes-group-version-kind']).some((each) => {
          const { group, version } = each;
          const apiVersion = group === '' ? String(version) : `${String(group)}/${String(version)}`;
          return kindOf({ apiVersion, kind: String(each['kind']) }) === kind;
        }),
      );
      const all = [...described(record(definition), [], [])];
      expect(all.length).toBeGreaterThan(3);
      const wrong = all
        .filter((merged) => ourMerge(merged) !== merged.merges)
        .map((merged) => `${formatPath(merged.path)}: ${merged.merges}, not ${ourMerge(merged)}`);
      expect(wrong).toEqual([]);
    },
  );
});

describe('keyedElements', () => {
  const at = (...fields: string[]): FieldPath => fields.map((field) => ({ field }));
  const keysOf = (path: FieldPath, list: readonly unknown[]) => [
    ...(keyedElements(path, list)?.keys() ?? []),
  ];

  it('tells elements by their key, in their order', () => {
    expect(keysOf(at('spec', 'containers'), [{ name: 'b' }, { name: 'a' }])).toEqual([
      '{"name":"b"}',
      '{"name":"a"}',
    ]);
  });

  it('fills in the protocol that the server assumes', () => {
    expect(keysOf(at('ports'), [{ containerPort: 1 }])).toEqual(['{"containerPort":1,"protocol":"TCP"}']);
  });

  it.each([
    ['keys are missing', [{ name: 'a' }, { image: 'b' }]],
    ['keys are there twice', [{ name: 'a' }, { name: 'a' }]],
    ['elements are no maps', ['a']],
  ])('takes a list as a whole where %s', (_what, list) => {
    expect(keyedElements(at('spec', 'containers'), list)).toBeUndefined();
  });

  it('knows sets of texts, and no other', () => {
    expect(keysOf(at('metadata', 'finalizers'), ['a', 'b', 'a'])).toEqual(['a', 'b']);
    expect(keyedElements(at('metadata', 'finalizers'), [1])).toBeUndefined();
    expect(lastField(at('metadata', 'finalizers'))).toBe('finalizers');
  });
});
