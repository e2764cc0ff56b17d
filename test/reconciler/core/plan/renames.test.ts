import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../../schemas/settings.ts';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  APPLY_SET,
  applied,
  aSecret,
  wanted,
} from '../../../support/objects.ts';

function planned(
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
  prune: Partial<Settings['spec']['prune']> = {},
) {
  const settings = DEFAULT_SETTINGS.spec;
  return plan({
    desired: desired.map((object) => wanted(object)),
    live: byId(live.map((object) => applied(object))),
    unread: [],
    broken: new Map(),
    settings,
    applySet: APPLY_SET,
    prune: {
      settings: { ...settings.prune, budget: { objects: 50, percent: 100 }, ...prune },
      alreadyPruned: 0,
    },
  }).changes;
}

const links = (...args: Parameters<typeof planned>) =>
  planned(...args).flatMap(({ op, id, renamedFrom, renamedTo }) => [
    ...(renamedFrom === undefined ? [] : [`${op} ${id} from ${renamedFrom}`]),
    ...(renamedTo === undefined ? [] : [`${op} ${id} to ${renamedTo}`]),
  ]);

describe('an object under another name', () => {
  it('is told with the one that it was', () => {
    const data = { x: '1', y: '2' };
    expect(
      links([aConfigMap('new', data)], [aConfigMap('old', data), aConfigMap('other', { x: '1' })]),
    ).toEqual([
      'create v1/ConfigMap/weka/new from v1/ConfigMap/weka/old',
      'prune v1/ConfigMap/weka/old to v1/ConfigMap/weka/new',
    ]);
  });

  it('is known where its labels and selectors have its name, and by a Secret’s values', () => {
    expect(links([aDeployment('web-2')], [aDeployment('web')])).toHaveLength(2);
    expect(links([aSecret('b', { x: '1' })], [aSecret('a', { x: '1' })])).toHaveLength(2);
    expect(links([aSecret('b', { x: '2' })], [aSecret('a', { x: '1' })])).toEqual([]);
  });

  it('is none where content, kind or namespace differ, or where there is no content', () => {
    expect(links([aConfigMap('new', { x: '2' })], [aConfigMap('old', { x: '1' })])).toEqual([]);
    expect(links([aConfigMap('new', { x: '1' })], [aSecret('old', { x: '1' })])).toEqual([]);
    const elsewhere = { ...aConfigMap('new', { x: '1' }), metadata: { name: 'new', namespace: 'other' } };
    expect(links([elsewhere], [aConfigMap('old', { x: '1' })])).toEqual([]);
    expect(links([anObject('v1/ServiceAccount', 'b')], [anObject('v1/ServiceAccount', 'a')])).toEqual([]);
  });

  it('pairs each with one, and is told too where the old one may not go yet', () => {
    const data = { x: '1' };
    expect(
      links([aConfigMap('c', data), aConfigMap('d', data)], [aConfigMap('a', data), aConfigMap('b', data)]),
    ).toEqual([
      'create v1/ConfigMap/weka/c from v1/ConfigMap/weka/a',
      'create v1/ConfigMap/weka/d from v1/ConfigMap/weka/b',
      'prune v1/ConfigMap/weka/a to v1/ConfigMap/weka/c',
      'prune v1/ConfigMap/weka/b to v1/ConfigMap/weka/d',
    ]);
    expect(links([aConfigMap('b', data)], [aConfigMap('a', data)], { enabled: false })).toEqual([
      'wait v1/ConfigMap/weka/a to v1/ConfigMap/weka/b',
      'create v1/ConfigMap/weka/b from v1/ConfigMap/weka/a',
    ]);
  });

  it('is the same work as without being known', () => {
    const changes = planned([aConfigMap('new', { x: '1' })], [aConfigMap('old', { x: '1' })]);
    const bare = changes.map(
      ({ renamedFrom: _from, renamedTo: _to, ...change }) => change as (typeof changes)[0],
    );
    expect(planDigest(bare)).toBe(planDigest(changes));
  });
});
