import { expect, it } from 'vitest';
import { askVolumes } from '../../reconciler/ask-volumes.ts';
import type { KubeObject, GroupKind } from '../../reconciler/core/kube/object.ts';
import type { StorageFacts } from '../../reconciler/core/placement/placement-facts.ts';
import { byId } from '../../reconciler/core/plan/plan.ts';
import { ApiError } from '../../reconciler/world/kubeapi/errors.ts';
import { aClusterObject, aConfigMap, anObject, applied, wanted } from '../support/objects.ts';

const claim = anObject('v1/PersistentVolumeClaim', 'data', { spec: { storageClassName: 'manual' } });
const named = anObject('v1/PersistentVolumeClaim', 'named', { spec: { volumeName: 'disk' } });
const disk = aClusterObject('v1/PersistentVolume', 'disk', { spec: { hostPath: { path: '/' } } });
const manual = aClusterObject('storage.k8s.io/v1/StorageClass', 'manual', { provisioner: 'none' });

const FACTS: StorageFacts = { volumes: [disk], classes: [] };

/** A cluster that holds these objects and says this of its volumes, and what it was asked. */
function world(live: readonly KubeObject[], answer: () => StorageFacts = () => FACTS) {
  const asked: unknown[] = [];
  const cluster = {
    async storageFacts(question: unknown) {
      asked.push(question);
      return answer();
    },
  };
  const ask = async (desired: readonly KubeObject[], unread: readonly { kind: GroupKind }[] = []) =>
    await askVolumes(
      desired.map((object) => wanted(object)),
      { objects: byId(live), unread: unread.map(({ kind }) => ({ kind, code: 'X', why: 'no' })) },
      cluster,
    );
  return { asked, ask };
}

it('asks once where something new may be bound to a volume that is there', async () => {
  const { asked, ask } = world([]);
  const storage = await ask([claim, claim, manual]);
  expect(storage).toMatchObject({ volumes: [disk], classes: [{ metadata: { name: 'manual' } }] });
  expect(asked).toHaveLength(1);
});

it('asks nothing where nothing is new, a volume is named, or a claim may well be there', async () => {
  const { asked, ask } = world([applied(claim)]);
  expect(await ask([claim, named, aConfigMap('a')])).toBeUndefined();
  const empty = world([]);
  expect(await empty.ask([claim], [{ kind: 'PersistentVolumeClaim' as GroupKind }])).toBeUndefined();
  expect([...asked, ...empty.asked]).toEqual([]);
});

it('says why volumes could not be looked at', async () => {
  const { ask } = world([], () => {
    throw new ApiError('API_FORBIDDEN', 'persistentvolumes may not be listed.', { status: 403 });
  });
  expect(await ask([claim])).toEqual({ why: 'persistentvolumes may not be listed (API_FORBIDDEN)' });
});
