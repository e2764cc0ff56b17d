import { afterAll, describe, expect, it } from 'vitest';
import type { GroupKind, KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { allKept, asked, configMap, member, named, scope, SECRET, told, watched } from './watched.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const direct = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => direct.close());

async function make(...objects: readonly KubeObject[]): Promise<void> {
  await Promise.all(objects.map((object) => direct.apply(object, { force: false })));
}

/** Somebody else's write. */
async function edit(namespace: string, name: string, patch: object): Promise<void> {
  const text = JSON.stringify(patch);
  const args = ['patch', '-n', namespace, 'configmap', name, '--type=merge', '-p', text];
  const { exitCode, stderr } = await control.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

async function namespaces(count: number): Promise<readonly string[]> {
  return await Promise.all(Array.from({ length: count }, () => control.namespace()));
}

const MINUTES_MS = 60_000;
const single = /configmaps\/s-\d$/;

describe('wanted objects beyond the bound of watches', () => {
  async function beyond(count: number) {
    const namespace = await control.namespace();
    const objects = Array.from({ length: count }, (_, n) => configMap(namespace, `s-${n}`));
    await make(...objects);
    const one = await watched(control, { maxSingles: 1 });
    const all = scope(namespace, { wanted: objects });
    await one.cluster.read(all);
    await until('what may be watched is watched', () => one.cluster.state().watches === 2);
    one.forget();
    return { one, all, namespace };
  }

  it('are asked about again though nobody reads, and what somebody changed is told', async () => {
    const { one, namespace } = await beyond(4);
    await edit(namespace, 's-2', { data: { a: 'by hand' } });
    one.clock.addedMs += 11 * MINUTES_MS;
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/s-2`]);
  });

  it('are asked about once in that time, and nothing is told where nothing moved', async () => {
    const { one, all } = await beyond(4);
    one.clock.addedMs += 11 * MINUTES_MS;
    const asks = () => asked(one.server).filter((line) => single.test(line));
    await until('they were asked about', () => asks().length >= 3);
    await one.synced();
    expect(told(await one.cluster.read(all))).toEqual(['s-0=1', 's-1=1', 's-2=1', 's-3=1']);
    expect(asks()).toHaveLength(3);
    expect(one.changes).toEqual([]);
  });

  it('are looked at by one list of names where they are many, and only what moved is read', async () => {
    const { one, namespace } = await beyond(20);
    await edit(namespace, 's-7', { data: { a: 'by hand' } });
    one.clock.addedMs += 11 * MINUTES_MS;
    await until('it is told', () => one.changes.length > 0);
    expect(asked(one.server).filter((line) => single.test(line))).toEqual([
      `GET /api/v1/namespaces/${namespace}/configmaps/s-7`,
    ]);
  });

  it('that are gone, and that are made, are told', async () => {
    const { one, namespace } = await beyond(3);
    await control.kubectl(['delete', 'configmap', 's-2', '-n', namespace]);
    one.clock.addedMs += 11 * MINUTES_MS;
    await until('it is told', () => one.changes.length === 1);
    await make(configMap(namespace, 's-2', 'again'));
    one.clock.addedMs += 11 * MINUTES_MS;
    await until('it is told', () => one.changes.length === 2);
    expect(new Set(one.changes)).toEqual(new Set([`v1/ConfigMap/${namespace}/s-2`]));
  });

  it('that cannot be asked about are asked about again later', async () => {
    const { one, namespace } = await beyond(3);
    await edit(namespace, 's-2', { data: { a: 'by hand' } });
    const away = one.server.rules.add({ path: single, fault: { do: 'answer', status: 403, body: '{}' } });
    one.clock.addedMs += 11 * MINUTES_MS;
    await until('they were asked about', () => one.server.requests.some(({ url }) => single.test(url)));
    away();
    // The answer may still be on its way, and the pause begins with it.
    const isTold = () => {
      one.clock.addedMs += 2 * MINUTES_MS;
      return one.changes.length > 0;
    };
    await until('it is told', isTold, { everyMs: 500 });
    expect(one.changes).toEqual([`v1/ConfigMap/${namespace}/s-2`]);
  });
});

describe('many namespaces', () => {
  const all = (names: readonly string[], kinds?: readonly GroupKind[]) =>
    scope(names[0] ?? '', { namespaces: names, ...(kinds === undefined ? {} : { kinds }) });

  it('are watched by one watch a kind, and each object is where it is', async () => {
    const names = await namespaces(6);
    await make(...names.map((namespace, n) => member(namespace, 'same', `${n}`)));
    const one = await watched(control);
    expect(await one.cluster.read(all(names))).toEqual(allKept(await one.plain.read(all(names))));
    await one.synced();
    expect(one.server.watches).toBe(1);

    const [first = '', second = ''] = names;
    await edit(second, 'same', { data: { a: 'by hand' } });
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/ConfigMap/${second}/same`]);
    expect(told(await one.cluster.read(all(names)))).toContain('same=by hand');

    one.forget();
    await one.cluster.apply(member(first, 'same', 'ours'), { force: true });
    const { objects } = await one.cluster.read(all(names));
    expect([...objects.values()].find(({ metadata }) => metadata.namespace === first)).toMatchObject({
      data: { a: 'ours' },
    });
    const mine = [...objects.values()].find(({ metadata }) => metadata.namespace === second);
    await one.cluster.delete(mine!);
    expect(named(await one.cluster.read(all(names)))).toHaveLength(5);
    expect(one.changes).toEqual([]);
    expect(asked(one.server).filter((line) => line.startsWith('GET'))).toEqual([]);
  });

  it('are watched one by one where no right spans them', async () => {
    const names = await namespaces(6);
    await make(...names.map((namespace) => member(namespace, 'a')));
    const one = await watched(control);
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' };
    one.server.rules.add({ path: /^\/api\/v1\/configmaps/, fault: { do: 'answer', status: 403, body } });
    expect(await one.cluster.read(all(names))).toEqual(allKept(await one.plain.read(all(names))));
    await one.synced();
    expect(one.server.watches).toBe(6);
    expect(one.lines).toEqual([]);
    expect(asked(one.server).filter((line) => line.startsWith('GET /api/v1/configmaps'))).toHaveLength(1);
  });

  it('have no more watches than there may be; the rest is listed by each read, and now and then', async () => {
    const names = await namespaces(3);
    await make(...names.map((namespace) => member(namespace, 'a')));
    const one = await watched(control, { maxLists: 4 });
    const both = all(names, ['ConfigMap' as GroupKind, SECRET]);
    await one.cluster.read(both);
    await one.synced();
    expect(one.server.watches).toBe(4);
    expect(one.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'There are as many watches as there may be; listing the rest'],
    ]);

    one.forget();
    await one.cluster.read(both);
    expect(asked(one.server)).toHaveLength(2);
    one.clock.addedMs += 12 * MINUTES_MS;
    await until('all is listed again', () => asked(one.server).length >= 8);
  });
});
