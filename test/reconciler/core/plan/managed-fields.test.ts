import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import {
  isAppliedByUs,
  otherManagers,
  ourFields,
  subtree,
} from '../../../../reconciler/core/plan/managed-fields.ts';
import {
  alsoAppliedBy,
  aConfigMap,
  aDeployment,
  applied,
  createdBy,
  edited,
} from '../../../support/objects.ts';

const at = (...fields: string[]): FieldPath => fields.map((field) => ({ field }));

describe('subtree', () => {
  const fields = {
    'f:spec': {
      'f:selector': {},
      'f:ports': { 'k:{"protocol":"TCP","port":80}': { '.': {}, 'f:name': {} } },
      'f:modes': { 'v:"a"': {} },
    },
  };
  const ports = (port: number) => [...at('spec', 'ports'), { keys: { port, protocol: 'TCP' } }];

  it.each<[string, FieldPath]>([
    ['a field', at('spec', 'selector')],
    ['what is in a map that is owned as a whole', at('spec', 'selector', 'app')],
    ['an element, in whatever order its keys are written', [...ports(80), { field: 'name' }]],
    ['a value of a set', [...at('spec', 'modes'), { value: 'a' }]],
  ])('finds %s', (_what, path) => {
    expect(subtree(fields, path)).toEqual({});
  });

  it.each<[string, FieldPath]>([
    ['another field', at('spec', 'replicas')],
    ['another element', ports(81)],
    ['an element with fewer keys', [...at('spec', 'ports'), { keys: { port: 80 } }]],
    ['another value', [...at('spec', 'modes'), { value: 'b' }]],
    ['another place', at('data')],
  ])('does not find %s', (_what, path) => {
    expect(subtree(fields, path)).toBeUndefined();
  });

  it('finds nothing where nothing is owned', () => {
    expect(subtree({}, at('spec'))).toBeUndefined();
  });
});

describe('managers', () => {
  const map = aConfigMap('a', { x: '1' });

  it('are us where we applied, and not where only our name was used', () => {
    expect(isAppliedByUs(applied(map))).toBe(true);
    expect(ourFields(applied(map))).toHaveProperty(['f:data', 'f:x']);
    expect(isAppliedByUs(createdBy('weka-gitops', map))).toBe(false);
    expect(isAppliedByUs(map)).toBe(false);
  });

  it('are not us in a subresource', () => {
    const { managedFields = [] } = applied(map).metadata;
    const scaled = managedFields.map((entry) => ({ ...entry, subresource: 'scale' }));
    expect(isAppliedByUs({ ...map, metadata: { ...map.metadata, managedFields: scaled } })).toBe(false);
  });

  it('are told by field, those first that apply it', () => {
    const live = alsoAppliedBy('flux', edited('argocd', applied(map), { data: { x: '2' } }), {
      data: { x: '2' },
    });
    expect(otherManagers(live, at('data', 'x'))).toEqual([
      { name: 'flux', applies: true },
      { name: 'argocd', applies: false },
    ]);
    expect(otherManagers(live, at('data', 'y'))).toEqual([]);
    expect(otherManagers(live, at('data'))).toHaveLength(2);
  });

  it('of a field need not own what is beside it', () => {
    const live = edited('hpa', applied(aDeployment('web')), { spec: { replicas: 9 } });
    expect(otherManagers(live, at('spec', 'replicas'))).toEqual([{ name: 'hpa', applies: false }]);
    expect(otherManagers(live, at('spec', 'template'))).toEqual([]);
  });
});
