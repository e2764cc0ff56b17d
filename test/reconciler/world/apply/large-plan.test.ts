import { expect, it } from 'vitest';
import { objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import type { Cluster } from '../../../../reconciler/ports.ts';
import { apply } from '../../../../reconciler/world/apply/apply.ts';
import { aConfigMap } from '../../../support/objects.ts';
import { silent } from './pass.ts';

it('tells what became of each of more writes than a function takes arguments', async () => {
  const changes = Array.from({ length: 150_000 }, (_, n): Change => {
    const desired = aConfigMap(`c-${n}`);
    return { op: 'create', id: objectId(desired), desired, fields: [], flags: [] };
  });
  expect(planDigest(changes)).toMatch(/^sha256:/);
  // Of a program that is stopping no write begins, so no cluster is reached.
  const unreached = {} as Cluster;
  const outcomes = await apply(changes, unreached, { log: silent, signal: AbortSignal.abort() });
  expect(new Set(outcomes.map(({ change }) => change.id)).size).toBe(changes.length);
  expect(new Set(outcomes.map(({ result }) => result))).toEqual(new Set(['held']));
});
