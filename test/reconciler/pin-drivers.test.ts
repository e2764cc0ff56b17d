import { describe, expect, it } from 'vitest';
import { IN_USE_FILE } from '../../schemas/drivers/packages-in-use.ts';
import type { Pass } from '../../reconciler/assess.ts';
import { EMPTY_LOCK } from '../../reconciler/core/drivers/lock.ts';
import { objectId, type KubeObject } from '../../reconciler/core/kube/object.ts';
import type { Change } from '../../reconciler/core/plan/change.ts';
import { ReconcilerError } from '../../reconciler/errors.ts';
import { pinned } from '../../reconciler/pin-drivers.ts';
import type { Cluster } from '../../reconciler/ports.ts';

class RefusedError extends ReconcilerError {
  readonly code = 'API_FORBIDDEN';
  readonly retry = 'next-pass';
}

function create(desired: KubeObject, more: Partial<Change> = {}): Change {
  return { op: 'create', id: objectId(desired), desired, fields: [], flags: [], ...more } as Change;
}

function named(kind: string, name: string, rest: object = {}, annotations = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'weka', annotations }, ...rest };
}

describe('a lock that cannot be written', () => {
  it('keeps back what rests on it: intents, pods at work, and what services are told to keep', async () => {
    const changes = [
      create(named('ConfigMap', 'node-a'), { node: { name: 'node-a', does: ['load drivers'] } }),
      create(named('Pod', 'build', {}, { 'weka-gitops.dev/driver-work': '{}' })),
      create(named('ConfigMap', 'drivers-dist-in-use', { data: { [IN_USE_FILE]: '{}' } })),
      create(named('ConfigMap', 'drivers-dist-in-use')),
      create(named('ConfigMap', 'mine', { data: { [IN_USE_FILE]: '{}' } })),
    ];
    const pass = {
      assessment: { changes, digest: '' },
      drivers: { lock: EMPTY_LOCK, known: { lock: EMPTY_LOCK, ca: undefined, live: undefined } },
    } as unknown as Pass;
    const refused = new RefusedError('It may not be written.');
    const cluster = { apply: () => Promise.reject(refused) } as unknown as Cluster;
    const trouble: ReconcilerError[] = [];
    const set = { name: 'weka-gitops', namespace: 'system', image: 'example.com/weka-gitops:1' };
    const after = await pinned(pass, cluster, set, trouble);
    expect(trouble).toEqual([refused]);
    expect(after.assessment.changes.map(({ op }) => op)).toEqual([
      'wait',
      'wait',
      'wait',
      'create',
      'create',
    ]);
  });
});
