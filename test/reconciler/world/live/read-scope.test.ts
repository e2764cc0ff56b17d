import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { PART_OF } from '../../../../reconciler/core/desired/ownership.ts';
import { type GroupKind, type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Live, ReadScope } from '../../../../reconciler/ports.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import type { FaultServer } from '../../../support/fault-server.ts';
import { anObject } from '../../../support/objects.ts';
import { complaint } from '../kubeapi/fixture.ts';
import { behindFaults } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const direct = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => direct.close());

const SET = 'applyset-read-scope-v1';
const CONFIG_MAP = 'ConfigMap' as GroupKind;
const SECRET = 'Secret' as GroupKind;

function scope(namespaces: readonly string[], rest: Partial<ReadScope> = {}): ReadScope {
  return { kinds: [CONFIG_MAP], namespaces, wanted: [], applySet: SET, ...rest };
}

function configMap(namespace: string, name: string, labels: Record<string, string> = {}): KubeObject {
  return anObject('v1/ConfigMap', name, { metadata: { namespace, labels }, data: { a: '1' } });
}

/** Makes `count` ConfigMaps `member-N` of the set. */
async function makeMembers(namespace: string, count: number): Promise<readonly KubeObject[]> {
  return await Promise.all(
    Array.from({ length: count }, (_, n) =>
      direct.apply(configMap(namespace, `member-${n}`, { [PART_OF]: SET }), { force: false }),
    ),
  );
}

const names = ({ objects }: Live): string[] =>
  [...objects.values()].map(({ metadata }) => metadata.name).toSorted();

/** Method and path of each request, in order, with the query where it says more. */
function asked({ requests }: FaultServer): string[] {
  return requests.map(
    ({ method, url }) => `${method} ${decodeURIComponent(url).replace(/&continue=.*/, '&continue')}`,
  );
}

describe('read', () => {
  it('finds the members of the set with all that the API server knows of them', async () => {
    const namespace = await control.namespace();
    const [member] = await makeMembers(namespace, 1);
    await direct.apply(configMap(namespace, 'stranger'), { force: false });

    const { objects, unread } = await direct.read(scope([namespace]));
    expect(unread).toEqual([]);
    expect(objects).toEqual(new Map([[objectId(member!), member]]));
  });

  it('finds wanted objects that are not members, and asks for no others', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 2);
    const stranger = await direct.apply(configMap(namespace, 'stranger'), { force: false });
    const { cluster, server } = await behindFaults(control);
    const wanted = ['member-0', 'stranger', 'missing'].map((name) => configMap(namespace, name));

    const live = await cluster.read(scope([namespace], { wanted }));
    expect(names(live)).toEqual(['member-0', 'member-1', 'stranger']);
    expect(live.objects.get(objectId(stranger))).toEqual(stranger);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    expect(asked(server).toSorted()).toEqual([
      `GET ${path}/missing`,
      `GET ${path}/stranger`,
      `GET ${path}?limit=500&labelSelector=${PART_OF}=${SET}`,
    ]);
  });

  it('asks for a list of names where many wanted objects may be missing', async () => {
    const namespace = await control.namespace();
    await direct.apply(configMap(namespace, 'wanted-3'), { force: false });
    const { cluster, server } = await behindFaults(control);
    const wanted = Array.from({ length: 1000 }, (_, n) => configMap(namespace, `wanted-${n}`));

    const live = await cluster.read(scope([namespace], { wanted }));
    expect(names(live)).toEqual(['wanted-3']);
    expect([...live.objects.values()][0]).toMatchObject({ data: { a: '1' } });
    expect(asked(server).map((line) => line.replace(/.*configmaps/, ''))).toEqual([
      `?limit=500&labelSelector=${PART_OF}=${SET}`,
      '?limit=500',
      '/wanted-3',
    ]);
  });

  it('reads a list page by page, and starts again when it grew too old in between', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 620);
    const { cluster, server } = await behindFaults(control);
    const gone = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 };
    server.rules.add({ path: /continue=/, times: 1, fault: { do: 'answer', status: 410, body: gone } });

    const live = await cluster.read(scope([namespace]));
    expect(live.unread).toEqual([]);
    expect(live.objects.size).toBe(620);
    expect(asked(server).map((line) => line.endsWith('&continue'))).toEqual([false, true, false, true]);

    server.rules.add({ path: /continue=/, fault: { do: 'answer', status: 410, body: gone } });
    const again = await cluster.read(scope([namespace]));
    expect(again.objects.size).toBe(0);
    expect(again.unread).toMatchObject([{ kind: 'ConfigMap', namespace, code: 'API_GONE' }]);
  });

  it('tells nothing of a list of which the second page fails', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 501);
    await direct.apply(
      anObject('v1/Secret', 'login', { metadata: { namespace, labels: { [PART_OF]: SET } } }),
      { force: false },
    );
    const { cluster, server } = await behindFaults(control);
    server.rules.add({ path: /continue=/, fault: { do: 'cut', afterBytes: 20 } });

    const { objects, unread } = await cluster.read(scope([namespace], { kinds: [CONFIG_MAP, SECRET] }));
    expect([...objects.keys()]).toEqual([`v1/Secret/${namespace}/login`]);
    expect(unread).toEqual([
      {
        kind: 'ConfigMap',
        namespace,
        code: 'API_UNAVAILABLE',
        why: `configmaps in namespace ${namespace}: the connection was cut.`,
      },
    ]);
  });

  it('reads a list again whose connection was cut', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 3);
    const { cluster, server } = await behindFaults(control);
    server.rules.add({ times: 2, fault: { do: 'cut', afterBytes: 700 } });

    expect(names(await cluster.read(scope([namespace])))).toEqual(['member-0', 'member-1', 'member-2']);
    expect(server.requests).toHaveLength(3);
  });

  it('takes an answer without a list in it for no answer', async () => {
    const namespace = await control.namespace();
    const { cluster, server } = await behindFaults(control);
    server.rules.add({ fault: { do: 'answer', status: 200, body: { kind: 'ConfigMapList', items: null } } });

    const { unread } = await cluster.read(scope([namespace]));
    expect(unread).toMatchObject([{ code: 'API_UNAVAILABLE' }]);
  });

  it('tells none of the members where a wanted object beside them cannot be read', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 2);
    const { cluster, server } = await behindFaults(control);
    server.rules.add({ path: /configmaps\/other$/, fault: { do: 'answer', status: 500 } });

    const { objects, unread } = await cluster.read(
      scope([namespace], { wanted: [configMap(namespace, 'other')] }),
    );
    expect(objects.size).toBe(0);
    expect(unread).toMatchObject([{ kind: 'ConfigMap', namespace, code: 'API_UNAVAILABLE' }]);
  });

  it('lists kinds without namespaces once, and finds nothing in a namespace that does not exist', async () => {
    const { cluster, server } = await behindFaults(control);
    const kinds = ['StorageClass.storage.k8s.io', 'ConfigMap'] as GroupKind[];
    const live = await cluster.read(
      scope(['none-a', 'none-b'], { kinds, applySet: 'applyset-of-nobody-v1' }),
    );

    expect(live).toEqual({ objects: new Map(), unread: [] });
    expect(
      asked(server)
        .map((line) => line.replace(/\?.*/, ''))
        .toSorted(),
    ).toEqual([
      'GET /api/v1/namespaces/none-a/configmaps',
      'GET /api/v1/namespaces/none-b/configmaps',
      'GET /apis/storage.k8s.io/v1/storageclasses',
    ]);
  });

  it('leaves a kind unread that the API server, or we, do not know', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 1);
    const { cluster, server } = await behindFaults(control);
    server.rules.add({
      path: /csidrivers/,
      fault: { do: 'answer', status: 404, body: '404 page not found' },
    });
    const kinds = ['CSIDriver.storage.k8s.io', 'Widget.example.com', 'ConfigMap'] as GroupKind[];

    const { objects, unread } = await cluster.read(scope([namespace], { kinds }));
    expect(objects.size).toBe(1);
    expect(unread).toEqual([
      {
        kind: 'CSIDriver.storage.k8s.io',
        code: 'API_NOT_FOUND',
        why: 'The API server does not know csidrivers of group storage.k8s.io. Its version of Kubernetes may lack that kind, or the address is not that of an API server.',
      },
      {
        kind: 'Widget.example.com',
        code: 'API_NOT_FOUND',
        why: 'This version of weka-gitops does not know Widget.example.com.',
      },
    ]);
  });

  it('leaves unread what it may not list, and says which right is missing', async () => {
    const namespace = await control.namespace();
    await makeMembers(namespace, 1);
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
    const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace }];
    const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await control.api.json('POST', `${root}/roles`, { metadata: { name: 'reader' }, rules });
    await control.api.json('POST', `${root}/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: role,
      subjects,
    });
    const kubeconfig = await control.kubeconfigFor({ namespace, serviceAccount: 'default' });
    const guest = await openKubeCluster({ kubeconfig, env: {} });
    onTestFinished(() => guest.close());

    const user = `system:serviceaccount:${namespace}:default`;
    const live = await guest.read(scope([namespace], { kinds: [CONFIG_MAP, SECRET] }));
    expect(names(live)).toEqual(['member-0']);
    expect(live.unread).toEqual([
      {
        kind: 'Secret',
        namespace,
        code: 'API_FORBIDDEN',
        why:
          `${user} may not list secrets in namespace ${namespace}. ` +
          `Bind ${user} to a Role in namespace ${namespace}, or a ClusterRole, with the rule ` +
          '{apiGroups: [""], resources: ["secrets"], verbs: ["list"]}.',
      },
    ]);
  });

  it('has at most 16 requests under way', async () => {
    const { cluster, server } = await behindFaults(control);
    const namespaces = Array.from({ length: 100 }, (_, n) => `none-${n}`);
    await cluster.read(scope(namespaces));
    expect(server.requests).toHaveLength(100);
    expect(server.connections.peak).toBeLessThanOrEqual(16);
  });

  it('throws at once where no list would fare better', async () => {
    const { cluster, server } = await behindFaults(control);
    await server.refuseConnections();
    const namespaces = Array.from({ length: 500 }, (_, n) => `none-${n}`);
    expect(await complaint(() => cluster.read(scope(namespaces)))).toMatch(
      /^API_UNREACHABLE: The API server at .* cannot be reached/,
    );
  });
});
