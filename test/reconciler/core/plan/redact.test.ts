import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import { objectId } from '../../../../reconciler/core/kube/object.ts';
import { addedFields } from '../../../../reconciler/core/plan/added-fields.ts';
import type { Write } from '../../../../reconciler/core/plan/change.ts';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { keyedMark } from '../../../../reconciler/core/plan/mark.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import { fieldChange } from '../../../../reconciler/core/plan/redact.ts';
import { aDeployment, applied, APPLY_SET, wanted } from '../../../support/objects.ts';

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

describe('the mark of a hidden value', () => {
  const mark = keyedMark(Buffer.from('key'));
  const of = (kind: string, field: string, from: string, to: string) =>
    fieldChange(kind, { path: [{ field: 'data' }, { field }], from, to }, { mark });

  it('tells values of one plan apart, in a Secret and where else they stand', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const secret = of('Secret', 'x', base64('one'), base64('two'));
    expect(secret).toEqual({ path: 'data.x', from: mark('one'), to: mark('two') });
    expect(of('ConfigMap', 'password', 'two', 'one')).toEqual({
      path: 'data.password',
      from: secret.to,
      to: secret.from,
    });
    expect(of('ConfigMap', 'a.yaml', 'token: one\nx: 1\n', 'token: two\nx: 1\n')).toEqual({
      path: 'data["a.yaml"]',
      from: `token: ${mark('one')}\nx: 1\n`,
      to: `token: ${mark('two')}\nx: 1\n`,
    });
  });
});

describe('a list', () => {
  const change = (from: readonly unknown[], to: readonly unknown[]) =>
    fieldChange('Pod', { path: [{ field: 'spec' }, { field: 'tolerations' }], from, to }).reordered;

  it('is told to be in another order where nothing else changes but defaults', () => {
    expect(change(['a', 'b', 'b'], ['b', 'a', 'b'])).toBe(true);
    expect(change([{ key: 'a', operator: 'Equal' }, { key: 'b' }], [{ key: 'b' }, { key: 'a' }])).toBe(true);
    expect(change(['a', 'b'], ['b', 'c'])).toBeUndefined();
    expect(change(['a', 'b', 'b'], ['b', 'a', 'a'])).toBeUndefined();
    expect(change(['a'], ['b'])).toBeUndefined();
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
      { sealed: { paths: [['spec', 'containers', 0, 'env', 1, 'value']], texts } },
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

describe('an argument that is a secret by those before it', () => {
  const web = (command: readonly string[], args: readonly string[]) =>
    aDeployment('web', { container: { command, args } });
  const mysql = web(['mysql', '-u', 'jane'], ['-phunter2', 'app']);

  it('is hidden in the plan of a list alone, by the command that stands beside it', () => {
    const live = applied(web(['mysql', '-u', 'jane'], ['-phunter3', 'app']));
    const settings = DEFAULT_SETTINGS.spec;
    const { changes } = plan({
      desired: [wanted(mysql)],
      live: byId([live]),
      unread: [],
      broken: new Map(),
      settings,
      prune: { settings: settings.prune, alreadyPruned: 0 },
      applySet: APPLY_SET,
    });
    expect(changes.flatMap(({ fields }) => fields)).toEqual([
      {
        path: 'spec.template.spec.containers[name=main].args',
        from: ['-p(hidden)', 'app'],
        to: ['-p(hidden)', 'app'],
      },
    ]);
  });

  it('is hidden where admission adds it alone', () => {
    const create: Write = { op: 'create', id: objectId(mysql), desired: mysql, fields: [], flags: [] };
    const stored = web(['mysql', '-u', 'jane'], ['-phunter2', 'app', '--password', 'hunter3']);
    const { adds } = addedFields(create, mysql, stored);
    expect(adds?.map(({ path, to }) => [path, to])).toEqual([
      ['spec.template.spec.containers[name=main].args[2]', '--password'],
      ['spec.template.spec.containers[name=main].args[3]', '(hidden)'],
    ]);
  });
});
