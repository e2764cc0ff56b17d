import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { fieldChange } from '../../../../reconciler/core/plan/redact.ts';

const shown = (kind: string, ...fields: string[]) => {
  const path: FieldPath = fields.map((field) => ({ field }));
  const { from, to } = fieldChange(kind, { path, from: 'old', to: 'new', cause: 'spec' });
  return `${String(from)} -> ${String(to)}`;
};
const hidden = '(hidden) -> (hidden)';
const copy = 'kubectl.kubernetes.io/last-applied-configuration';

describe('a field of a Secret', () => {
  it.each([
    ['data', 'password'],
    ['data'],
    ['stringData', 'password'],
    ['anything'],
    ['metadata'],
    ['metadata', 'annotations', copy],
  ])('%s is hidden', (...path) => {
    expect(shown('Secret', ...path)).toBe(hidden);
  });

  it.each([
    ['type'],
    ['immutable'],
    ['metadata', 'labels', 'a'],
    ['metadata', 'annotations', 'example.com/a'],
  ])('%s is shown', (...path) => {
    expect(shown('Secret', ...path)).toBe('old -> new');
  });

  it('shows by its sides whether it comes, goes or changes', () => {
    const path = [{ field: 'data' }, { field: 'x' }];
    expect(fieldChange('Secret', { path, to: 'new', cause: 'spec' })).toEqual({
      path: 'data.x',
      to: '(hidden)',
    });
    expect(fieldChange('Secret', { path, from: 'old', cause: 'spec' })).toEqual({
      path: 'data.x',
      from: '(hidden)',
    });
  });
});

describe('a field of another kind', () => {
  it('is shown, with whoever owns it', () => {
    const path = [{ field: 'data' }, { field: 'x' }];
    expect(
      fieldChange('ConfigMap', { path, from: '1', to: '2', cause: 'drift', manager: 'kubectl-edit' }),
    ).toEqual({
      path: 'data.x',
      from: '1',
      to: '2',
      manager: 'kubectl-edit',
    });
  });

  it("is hidden where it is kubectl's copy of the whole object", () => {
    expect(shown('Deployment', 'metadata', 'annotations', copy)).toBe(hidden);
  });
});
