import { afterAll, describe, expect, it } from 'vitest';
import { PART_OF } from '../../../../reconciler/core/desired/ownership.ts';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import {
  allKept,
  kept,
  asked,
  CONFIG_MAP,
  configMap,
  member,
  named,
  scope,
  SECRET,
  SET,
  told,
  type Watched,
  watched,
} from './watched.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const direct = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => direct.close());

async function make(...objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  return await Promise.all(objects.map((object) => direct.apply(object, { force: false })));
}

/** Somebody else's write: it is nobody's echo. */
async function edit(namespace: string, name: string, patch: object): Promise<void> {
  await kubectl('patch', '-n', namespace, 'configmap', name, '--type=merge', '-p', JSON.stringify(patch));
}

async function kubectl(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await control.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Asserts that reading tells this, and that no call was made for it. */
async function expectFromMemory(
  { cluster, server }: Watched,
  ...args: [Parameters<typeof cluster.read>[0], string[]]
) {
  const [wanted, expected] = args;
  server.requests.length = 0;
  expect(told(await cluster.read(wanted))).toEqual(expected);
  expect(asked(server)).toEqual([]);
}

describe('WatchedCluster.read', () => {
  it('tells what a plain cluster tells, and makes no call once the watches are open', async () => {
    const namespace = await control.namespace();
    const [made] = await make(member(namespace, 'a'), configMap(namespace, 'stranger'));
    const one = await watched(control);
    expect((await one.cluster.read(scope(namespace))).objects).toEqual(
      new Map([[objectId(made!), kept(made!)]]),
    );

    await one.synced();
    one.forget();
    const live = await one.cluster.read(scope(namespace));
    expect(live).toEqual(allKept(await one.plain.read(scope(namespace))));
    expect(one.server.requests).toHaveLength(1);
    expect(one.cluster.state()).toMatchObject({ synced: true, waitingFor: [], blocked: [], watches: 1 });
  });

  it('tells a live edit within a second', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();

    await edit(namespace, 'a', { data: { a: 'by hand' } });
    await until('it is told', () => one.changes.length > 0, { timeoutMs: 1000 });
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/a`]);
    await expectFromMemory(one, scope(namespace), ['a=by hand']);
  });

  it('tells of objects that others make and delete', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();

    await make(member(namespace, 'b', '2'));
    await until('it is told', () => one.changes.length === 1);
    await expectFromMemory(one, scope(namespace), ['a=1', 'b=2']);
    await kubectl('delete', '-n', namespace, 'configmap', 'a');
    await until('it is told', () => one.changes.length === 2);
    await expectFromMemory(one, scope(namespace), ['b=2']);
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/b`, `v1/ConfigMap/${namespace}/a`]);
  });

  it('shows our own writes at once, and tells nobody of them', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'old'));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();

    for (let round = 0; round < 20; round++) {
      await one.cluster.apply(member(namespace, 'mine', String(round)), { force: false });
      await expectFromMemory(one, scope(namespace), [`mine=${round}`, 'old=1']);
    }
    const [old] = [...(await one.cluster.read(scope(namespace))).objects.values()].filter(
      ({ metadata }) => metadata.name === 'old',
    );
    await one.cluster.delete(old!);
    await expectFromMemory(one, scope(namespace), ['mine=19']);

    // What comes after it in the watch shows that all of it has come.
    await edit(namespace, 'mine', { metadata: { annotations: { seen: 'yes' } } });
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/mine`]);
  });

  it('shows an object that we deleted as terminating while a finalizer holds it', async () => {
    const namespace = await control.namespace();
    const held = member(namespace, 'held');
    await make({ ...held, metadata: { ...held.metadata, finalizers: ['example.com/hold'] } });
    const one = await watched(control);
    const [live] = (await one.cluster.read(scope(namespace))).objects.values();
    await one.synced();

    await one.cluster.delete(live!);
    const [going] = (await one.cluster.read(scope(namespace))).objects.values();
    expect(going?.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect(one.changes).toEqual([]);
    const gone = one.cluster.waitGone(live!, 30_000);
    await edit(namespace, 'held', { metadata: { finalizers: null } });
    await gone;
    await expectFromMemory(one, scope(namespace), []);
    await one.cluster.apply(member(namespace, 'held', 'new'), { force: false });
    await expectFromMemory(one, scope(namespace), ['held=new']);
  });

  it('tells apart what moved no more than its status', async () => {
    const namespace = await control.namespace();
    const one = await watched(control);
    const kinds = [SECRET, CONFIG_MAP, 'Service'] as (typeof CONFIG_MAP)[];
    const service: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace, labels: { [PART_OF]: SET } },
      spec: { ports: [{ port: 80 }] },
    };
    await make(service);
    await one.cluster.read(scope(namespace, { kinds }));
    await one.synced();

    const condition = { type: 'Seen', status: 'True', reason: 'Test', message: '' };
    const moved = {
      status: { conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    };
    await kubectl(
      'patch',
      '-n',
      namespace,
      'service',
      'web',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify(moved),
    );
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/Service/${namespace}/web status`]);
  });

  it('finds wanted objects that are not members, and asks no more about them', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'), configMap(namespace, 'stranger', 'theirs'));
    const one = await watched(control);
    const wanted = ['a', 'stranger', 'missing'].map((name) => configMap(namespace, name));
    const both = scope(namespace, { wanted });
    expect(told(await one.cluster.read(both))).toEqual(['a=1', 'stranger=theirs']);

    await until('all is watched', () => one.cluster.state().watches === 3);
    await expectFromMemory(one, both, ['a=1', 'stranger=theirs']);
    await edit(namespace, 'stranger', { data: { a: 'moved' } });
    await make(configMap(namespace, 'missing', 'there'));
    await until('it is told', () => one.changes.length === 2);
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/stranger`, `v1/ConfigMap/${namespace}/missing`]);
    await expectFromMemory(one, both, ['a=1', 'missing=there', 'stranger=moved']);

    // Those that are wanted no more lose their watch.
    await one.cluster.read(scope(namespace));
    await until('one watch is left', () => one.server.watches === 1);
  });

  it('finds a member whose label was removed by hand', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'), member(namespace, 'b'));
    const one = await watched(control);
    const wanted = ['a', 'b'].map((name) => member(namespace, name));
    const both = scope(namespace, { wanted });
    await one.cluster.read(both);
    await one.synced();

    await edit(namespace, 'a', { metadata: { labels: { [PART_OF]: null } } });
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/a`]);
    const live = await one.cluster.read(both);
    expect(told(live)).toEqual(['a=1', 'b=1']);
    expect(live.objects.get(objectId(wanted[0]!))?.metadata.labels).toBeUndefined();
    await until('all is watched', () => one.cluster.state().watches === 2);
    await expectFromMemory(one, both, ['a=1', 'b=1']);

    // Taken back by us, it is a member again.
    await one.cluster.apply(member(namespace, 'a', 'ours'), { force: true });
    await expectFromMemory(one, both, ['a=ours', 'b=1']);
  });

  it('makes many objects without a watch for each', async () => {
    const namespace = await control.namespace();
    const one = await watched(control);
    const wanted = Array.from({ length: 40 }, (_, n) => member(namespace, `m-${n}`));
    const all = scope(namespace, { wanted });
    expect(named(await one.cluster.read(all))).toEqual([]);
    for (const object of wanted) await one.cluster.apply(object, { force: false });
    expect(named(await one.cluster.read(all))).toHaveLength(40);

    const kinds = asked(one.server).map((line) =>
      line.startsWith('PATCH') ? 'PATCH' : line.replace(/.*\?/, '?'),
    );
    expect(kinds.filter((kind) => kind === 'PATCH')).toHaveLength(40);
    // The list, the watch, and who is there of those that are wanted.
    expect(kinds.filter((kind) => kind !== 'PATCH')).toHaveLength(3);
  });

  it('asks about wanted objects beyond its bound only so often', async () => {
    const namespace = await control.namespace();
    await make(...[0, 1, 2, 3].map((n) => configMap(namespace, `s-${n}`)));
    const one = await watched(control, { maxSingles: 2 });
    const all = scope(namespace, { wanted: [0, 1, 2, 3].map((n) => configMap(namespace, `s-${n}`)) });
    await one.cluster.read(all);
    await until('all is watched', () => one.cluster.state().watches === 3);
    await expectFromMemory(one, all, ['s-0=1', 's-1=1', 's-2=1', 's-3=1']);

    one.clock.addedMs += 11 * 60_000;
    await one.synced();
    await one.cluster.read(all);
    expect(asked(one.server).filter((line) => /configmaps\/s-\d$/.test(line))).toHaveLength(2);
  });

  it('reads and watches kinds and namespaces that are added, and leaves those that are not asked for', async () => {
    const [first, second] = [await control.namespace(), await control.namespace()];
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace: second, labels: { [PART_OF]: SET } },
    };
    await make(member(first, 'a'), member(second, 'b'), secret);
    const one = await watched(control);
    expect(named(await one.cluster.read(scope(first)))).toEqual(['a']);
    const more = scope(first, { kinds: [CONFIG_MAP, SECRET], namespaces: [first, second] });
    expect(named(await one.cluster.read(more))).toEqual(['a', 'b', 'login']);
    await one.synced();
    expect(one.server.watches).toBe(4);

    expect(named(await one.cluster.read(scope(second)))).toEqual(['b']);
    await until('one watch is left', () => one.server.watches === 1);
    expect(one.cluster.state().watches).toBe(1);
  });

  it('notices that a namespace was deleted with all in it', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'), member(namespace, 'b'));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();

    await control.deleteNamespace(namespace);
    await until('both are gone', () => one.changes.length >= 2);
    await expectFromMemory(one, scope(namespace), []);
  });

  it('keeps a thousand objects, and reads them without a call', async () => {
    const namespace = await control.namespace();
    await make(...Array.from({ length: 1000 }, (_, n) => member(namespace, `m-${n}`)));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();
    one.forget();

    const live = await one.cluster.read(scope(namespace));
    expect(live.objects.size).toBe(1000);
    expect(one.server.requests).toEqual([]);
    const again = await one.cluster.read(scope(namespace));
    const id = objectId(member(namespace, 'm-7'));
    expect(again.objects.get(id)).toBe(live.objects.get(id));
  });

  it('leaves unread what the API server, or we, do not know', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'));
    const one = await watched(control);
    const body = '404 page not found';
    one.server.rules.add({ path: /csidrivers/, fault: { do: 'answer', status: 404, body } });
    const kinds = ['CSIDriver.storage.k8s.io', 'Widget.example.com', 'ConfigMap'] as (typeof CONFIG_MAP)[];

    expect(await one.cluster.read(scope(namespace, { kinds }))).toEqual(
      allKept(await one.plain.read(scope(namespace, { kinds }))),
    );
    // What nobody can mend in time does not keep us from being ready.
    await one.synced();
    expect(one.cluster.state().blocked).toEqual([
      expect.stringMatching(/^csidrivers: The API server does not know csidrivers/),
    ]);
  });
});

describe('WatchedCluster.get', () => {
  it('answers for a remembered object from its watch, present or not', async () => {
    const namespace = await control.namespace();
    const parent = configMap(namespace, 'parent');
    const one = await watched(control, { remembered: [parent] });
    expect(await one.cluster.get(parent)).toBeUndefined();
    await until('it is watched', () => one.server.watches === 1);
    one.forget();

    expect(await one.cluster.get(parent)).toBeUndefined();
    expect(asked(one.server)).toEqual([]);
    const written = await one.cluster.apply(parent, { force: true });
    expect(await one.cluster.get(parent)).toEqual(kept(written));
    await edit(namespace, 'parent', { data: { a: 'by hand' } });
    await until('it is told', () => one.changes.length > 0);
    expect(await one.cluster.get(parent)).toMatchObject({ data: { a: 'by hand' } });
    expect(asked(one.server)).toHaveLength(1);

    // It is nobody's to close that it is in no scope.
    await one.cluster.read(scope(namespace));
    expect(one.server.watches).toBeGreaterThanOrEqual(1);
    one.forget();
    await one.cluster.get(parent);
    expect(asked(one.server)).toEqual([]);
  });

  it('asks the API server for any other object, since a deletion may rest on it', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'));
    const one = await watched(control);
    await one.cluster.read(scope(namespace));
    await one.synced();
    one.forget();

    expect(await one.cluster.get(member(namespace, 'a'))).toMatchObject({ data: { a: '1' } });
    expect(asked(one.server)).toEqual([`GET /api/v1/namespaces/${namespace}/configmaps/a`]);
  });
});

describe('WatchedCluster', () => {
  it('tells listeners no more once they are disposed of, and leaves nothing open behind', async () => {
    const namespace = await control.namespace();
    await make(member(namespace, 'a'));
    const one = await watched(control);
    const heard: string[] = [];
    const listening = one.cluster.onChange(({ id }) => heard.push(id));
    await one.cluster.read(scope(namespace, { wanted: [configMap(namespace, 'missing')] }));
    await one.synced();

    await edit(namespace, 'a', { data: { a: '2' } });
    await until('it is told', () => heard.length === 1);
    listening[Symbol.dispose]();
    await edit(namespace, 'a', { data: { a: '3' } });
    await until('it is told', () => one.changes.length === 2);
    expect(heard).toHaveLength(1);

    await one.cluster[Symbol.asyncDispose]();
    await until('no watch is open', () => one.server.watches === 0);
    await one.plain.close();
    await until('no connection is open', () => one.server.connections.open === 0);
  });
});
