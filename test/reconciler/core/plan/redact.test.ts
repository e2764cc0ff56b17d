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

describe('a field whose value stands encrypted in the repository', () => {
  const change = (fields: FieldPath, from: unknown, to: unknown, texts: readonly string[] = []) =>
    fieldChange(
      'Deployment',
      {
        path: fields,
        cause: 'spec',
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      },
      { paths: [['spec', 'containers', 0, 'env', 1, 'value']], texts },
    );
  const env: FieldPath = [
    { field: 'spec' },
    { field: 'containers' },
    { keys: { name: 'main' } },
    { field: 'env' },
  ];
  const value: FieldPath = [...env, { keys: { name: 'KEY' } }, { field: 'value' }];

  it('is hidden at, above and below its place, in whichever element of a list that is now', () => {
    for (const path of [value, env, env.slice(0, 1), [...value, { field: 'x' }]]) {
      expect(change(path, 'old', 'new')).toMatchObject({ from: '(hidden)', to: '(hidden)' });
    }
  });

  it('does not hide its neighbours', () => {
    expect(change([...env, { keys: { name: 'KEY' } }, { field: 'name' }], 'old', 'new')).toMatchObject({
      from: 'old',
      to: 'new',
    });
  });

  it('is hidden wherever else it stands, with what it replaces', () => {
    const elsewhere: FieldPath = [{ field: 'metadata' }, { field: 'name' }];
    expect(change(elsewhere, 'the old one', { args: ['--key=hunter22'] }, ['hunter22'])).toMatchObject({
      from: '(hidden)',
      to: '(hidden)',
    });
    expect(change(elsewhere, 1, { hunter22: 2 }, ['hunter22'])).toMatchObject({ from: '(hidden)' });
    expect(change(elsewhere, 12345, 2, ['2345'])).toMatchObject({ from: '(hidden)', to: '(hidden)' });
  });

  it('is hidden when it is removed: what is gone may have been encrypted', () => {
    expect(change([{ field: 'metadata' }, { field: 'name' }], 'old', undefined)).toMatchObject({
      from: '(hidden)',
    });
  });
});
