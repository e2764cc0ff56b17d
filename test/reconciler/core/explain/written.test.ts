import { expect, it } from 'vitest';
import { writtenField } from '../../../../reconciler/core/explain/written.ts';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { deployment } from '../../../support/manifests.ts';
import { aSituation } from './situations.ts';

it('shows the line of an argument, but for one that those before it make a secret', () => {
  const lines = ['command: [mysql]', 'args:', '- -phunter2', '- --password', '- hunter3', '- app'];
  const container = lines.map((line) => `          ${line}\n`).join('');
  const situation = aSituation({ 'app.yaml': `${deployment('weka', 'app').trimEnd()}\n${container}` });
  const [spec] = situation.specs.specs;
  const shown = (index: number) => {
    const path: FieldPath = [
      ...['spec', 'template', 'spec', 'containers'].map((field) => ({ field })),
      { index: 0 },
      { field: 'args' },
      { index },
    ];
    return writtenField(spec!, spec!.id, path, situation.context).map(({ text }) => text?.trim());
  };
  expect([0, 1, 2, 3].flatMap(shown)).toEqual([undefined, '- --password', undefined, '- app']);
});
