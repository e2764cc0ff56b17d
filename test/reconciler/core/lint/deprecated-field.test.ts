import { expect, it } from 'vitest';
import { deprecatedFields } from '../../../../reconciler/core/lint/deprecated-field.ts';

it.each([
  ['WekaContainer', [{ path: ['spec', 'exposePorts'], replacedBy: 'exposedPorts' }]],
  ['WekaClient', [{ path: ['spec', 'wekaHomeConfig'], replacedBy: 'wekaHome' }]],
  ['WekaCluster', []],
  ['Deployment', []],
])('the deprecated fields of a %s are those its schema says', (kind, fields) => {
  expect(deprecatedFields(kind)).toEqual(fields);
});
