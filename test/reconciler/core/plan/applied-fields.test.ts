import { describe, expect, it } from 'vitest';
import {
  APPLIED_FIELDS,
  appliedFields,
  lastApplied,
} from '../../../../reconciler/core/plan/applied-fields.ts';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { aConfigMap, aDeployment, aSecret, aService } from '../../../support/objects.ts';

const at = (...fields: string[]): FieldPath => fields.map((field) => ({ field }));
const recorded = (object: ReturnType<typeof aConfigMap>, text = appliedFields(object)) =>
  lastApplied({ ...object, metadata: { ...object.metadata, annotations: { [APPLIED_FIELDS]: text } } });

describe('the record of applied fields', () => {
  it('tells which fields an apply set', () => {
    const { field } = recorded(aConfigMap('a', { x: '1' }));
    expect(field(at('data', 'x'))).toBe(true);
    expect(field(at('data', 'y'))).toBe(false);
  });

  it('tells fields in lists by their keys', () => {
    const { field } = recorded(aDeployment('web'));
    const containers = at('spec', 'template', 'spec', 'containers');
    expect(field([...containers, { keys: { name: 'main' } }, { field: 'image' }])).toBe(true);
    expect(field([...containers, { keys: { name: 'side' } }, { field: 'image' }])).toBe(false);
  });

  it('tells what a map was that is replaced as a whole', () => {
    const { value } = recorded(aService('web'));
    expect(value(at('spec', 'selector'), { app: 'web' })).toBe(true);
    expect(value(at('spec', 'selector'), { app: 'other' })).toBe(false);
    expect(value(at('spec', 'externalIPs'), [])).toBeUndefined();
  });

  it('is the same whatever the order of fields', () => {
    expect(appliedFields(aConfigMap('a', { x: '1', y: '2' }))).toBe(
      appliedFields(aConfigMap('a', { y: '2', x: '1' })),
    );
  });

  it('holds no value of a Secret, not even as a hash', () => {
    expect(appliedFields(aSecret('a', { x: '1' }))).toBe(appliedFields(aSecret('a', { x: '2' })));
  });

  it('is small', () => {
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key-${index}`, 'value']));
    expect(appliedFields(aConfigMap('a', data))).toHaveLength(400);
  });

  it('says nothing where it is missing or cut off', () => {
    expect(lastApplied(aConfigMap('a')).field(at('data', 'x'))).toBe(false);
    expect(recorded(aConfigMap('a', { x: '1' }), 'ab').field(at('data', 'x'))).toBe(false);
  });
});
