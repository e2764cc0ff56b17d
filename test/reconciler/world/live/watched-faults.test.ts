import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { openWatchedCluster } from '../../../../reconciler/world/live/watched-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import type { FaultServer } from '../../../support/fault-server.ts';
import { complaint } from '../kubeapi/fixture.ts';
import { asked, configMap, keptLog, member, scope, told, type Watched, watched } from './watched.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const direct = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => direct.close());

const WATCH = /watch=true/;
const TEN_MINUTES = 10 * 60_000;
const gone = {
  type: 'ERROR',
  object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' },
};

/** Somebody else's write. */
async function edit(namespace: string, name: string, a: string): Promise<void> {
  const patch = JSON.stringify({ data: { a } });
  const args = ['patch', '-n', namespace, 'configmap', name, '--type=merge', '-p', patch];
  const { exitCode, stderr } = await control.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

/** A namespace with the members `a` and `b`, read and watched; `before` sets up what the first watch suffers. */
async function start(
  before: (server: FaultServer) => void = () => {},
  options: Parameters<typeof watched>[1] = {},
): Promise<Watched & { readonly namespace: string }> {
  const namespace = await control.namespace();
  await Promise.all(['a', 'b'].map((name) => direct.apply(member(namespace, name), { force: false })));
  const one = await watched(control, options);
  before(one.server);
  await one.cluster.read(scope(namespace));
  return { ...one, namespace };
}

const lists = (server: FaultServer): number =>
  asked(server).filter((line) => line.startsWith('GET') && !WATCH.test(line)).length;

const watches = (server: FaultServer) => server.requests.filter(({ url }) => WATCH.test(url));

describe('a watch', () => {
  it('that is cut within an event goes on where it was, without a loss and without a list', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'cut', afterBytes: 150 } }),
    );
    await one.synced();
    await edit(one.namespace, 'a', 'first');
    await edit(one.namespace, 'b', 'second');

    await until('both are told', () => one.changes.length === 2);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=first', 'b=second']);
    expect(lists(one.server)).toBe(1);
    expect(one.lines.map(({ message, code }) => [message, code])).toEqual([
      ['Lost a watch; trying again', 'API_UNAVAILABLE'],
      ['Every watch is back', undefined],
    ]);
  });

  it('finds by a list what it missed while it was away for long', async () => {
    const one = await start();
    await one.synced();
    const away = one.server.rules.add({ path: WATCH, fault: { do: 'drop' } });
    one.server.cutWatches();
    await edit(one.namespace, 'a', 'missed');
    await until('it was tried', () => watches(one.server).length > 1);
    one.clock.addedMs += 30_000;
    away();

    await until('it is told', () => one.changes.length === 1, { timeoutMs: 10_000 });
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=missed', 'b=1']);
    expect(one.cluster.state().counts).toMatchObject({ lists: { first: 1, interrupted: 1 }, found: 1 });
  });

  it('that is told that it is too far behind lists again, and tells what it missed once', async () => {
    const one = await start();
    await one.synced();
    const body = `${JSON.stringify(gone)}\n`;
    one.server.rules.add({ path: WATCH, times: 1, fault: { do: 'answer', status: 200, body } });
    one.server.cutWatches();
    await edit(one.namespace, 'a', 'missed');

    await until('it is told', () => one.changes.length > 0);
    await one.synced();
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=missed', 'b=1']);
    expect(one.changes).toEqual([`v1/ConfigMap/${one.namespace}/a`]);
    expect(one.cluster.state().counts.lists).toMatchObject({ first: 1, expired: 1 });
  });

  it('that is always told so is opened less and less often', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, fault: { do: 'answer', status: 410, body: gone.object } }),
    );
    await until('three were opened', () => watches(one.server).length === 3, { timeoutMs: 10_000 });
    const [, second, third] = watches(one.server).map(({ at }) => at);
    expect(third! - second!).toBeGreaterThan(900);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=1', 'b=1']);
  });

  it('that went dead without a word is noticed by the clock, and what it did not tell is found', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'mute', afterBytes: 0 } }),
    );
    await one.synced();
    await edit(one.namespace, 'a', 'untold');
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=1', 'b=1']);

    one.clock.addedMs += 90_000;
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=untold', 'b=1']);
    expect(one.changes).toEqual([`v1/ConfigMap/${one.namespace}/a`]);
    await one.synced();
    expect(one.lines).toMatchObject([
      { level: 'warn', message: 'A watch said nothing for too long; all was listed again', found: 1 },
    ]);
  });

  it('that went dead without a word tells nothing old to whoever has all read again', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'mute', afterBytes: 0 } }),
    );
    await one.synced();
    await edit(one.namespace, 'a', 'untold');
    one.cluster.readAgain();
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=untold', 'b=1']);
    expect(one.lines).toEqual([]);
    await one.synced();
  });

  it('that went dead without a word is rebuilt though nobody reads', async () => {
    const one = await start(
      (server) => server.rules.add({ path: WATCH, times: 1, fault: { do: 'mute', afterBytes: 0 } }),
      { staleAfterMs: 800 },
    );
    await one.synced();
    await edit(one.namespace, 'a', 'untold');
    await until('it is told', () => one.changes.length > 0, { timeoutMs: 5000 });
    expect(one.changes).toEqual([`v1/ConfigMap/${one.namespace}/a`]);
  });

  it('that went back in time is noticed, and all is listed again', async () => {
    const one = await start();
    await one.synced();
    const [watch] = one.server.openWatches;
    await edit(one.namespace, 'a', 'told');
    await until('it is told', () => one.changes.length === 1);
    const older = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '1' } };
    watch?.tell({ type: 'BOOKMARK', object: older });
    await until('it is listed', () => one.cluster.state().counts.lists.back === 1);
    await one.synced();
    expect(one.lines).toMatchObject([
      { level: 'warn', message: 'A watch went back in time; all was listed again', found: 0 },
    ]);
    await edit(one.namespace, 'b', 'later');
    await until('it is told', () => one.changes.length === 2);
  });

  it('that only repeats what is known counts as silent', async () => {
    const one = await start();
    await one.synced();
    const object = await direct.get(member(one.namespace, 'a'));
    one.clock.addedMs += 80_000;
    one.server.openWatches[0]?.tell({
      type: 'MODIFIED',
      object: { ...object, metadata: { ...object?.metadata, resourceVersion: '1' } },
    });
    await until('it is heard', () => one.cluster.state().counts.events > 0);
    one.clock.addedMs += 10_000;
    await until('it is listed', () => one.cluster.state().counts.lists.stale === 1);
  });

  it('counts as begun anew whenever one ended, in order or not', async () => {
    const one = await start();
    await one.synced();
    expect(one.cluster.state().counts).toMatchObject({ opened: 1, reopened: 0 });
    one.server.openWatches[0]?.end();
    await until('it is open again', () => one.cluster.state().counts.reopened === 1, { timeoutMs: 10_000 });
    expect(one.cluster.state().counts).toMatchObject({ opened: 2, lost: 0 });
  });

  it('does not mind a clock that is set back', async () => {
    const one = await start();
    await one.synced();
    one.server.requests.length = 0;
    one.clock.addedMs -= 365 * 24 * 3600_000;
    await delay(100);
    await edit(one.namespace, 'a', 'told');
    await until('it is told', () => one.changes.length === 1);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=told', 'b=1']);
    expect(asked(one.server)).toEqual([]);
  });

  it('that hides an event is found out by the next list of the belt', async () => {
    const one = await start(
      (server) =>
        server.rules.add({
          path: WATCH,
          times: 1,
          fault: { do: 'edit', edit: (line) => (line.includes('hidden') ? [] : [line]) },
        }),
      { relistEveryMs: 1500 },
    );
    await one.synced();
    await edit(one.namespace, 'a', 'hidden');
    await until('it is found', () => one.changes.length > 0, { timeoutMs: 10_000 });
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=hidden', 'b=1']);
    expect(one.lines).toMatchObject([
      { level: 'warn', message: 'A list found changes of which no watch had told', found: 1 },
    ]);
  });

  it('that does not tell of our own write is rebuilt', async () => {
    const one = await start(
      (server) =>
        server.rules.add({
          path: WATCH,
          times: 1,
          fault: { do: 'edit', edit: (line) => (line.includes('ours') ? [] : [line]) },
        }),
      { confirmWithinMs: 500 },
    );
    await one.synced();
    await one.cluster.apply(member(one.namespace, 'a', 'ours'), { force: false });
    await until('it is rebuilt', () => one.lines.length > 0);
    await one.synced();
    expect(one.lines).toMatchObject([
      { message: 'A watch did not tell of our own write; all was listed again', found: 0 },
    ]);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=ours', 'b=1']);
    expect(one.changes).toEqual([]);
  });

  it('that hides a deletion of ours does not bring the object back', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, fault: { do: 'edit', edit: () => [] } }),
    );
    await one.synced();
    const live = [...(await one.cluster.read(scope(one.namespace))).objects.values()];
    await one.cluster.delete(live.find(({ metadata }) => metadata.name === 'a')!);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['b=1']);
  });

  it('may tell everything twice', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, fault: { do: 'edit', edit: (line) => [line, line] } }),
    );
    await one.synced();
    await edit(one.namespace, 'a', 'twice');
    await edit(one.namespace, 'b', 'also');
    await until('both are told', () => one.changes.length >= 2);
    expect(one.changes).toEqual(['a', 'b'].map((name) => `v1/ConfigMap/${one.namespace}/${name}`));
  });

  it('that is closed at once each time is opened once a second at most', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, fault: { do: 'answer', status: 200, body: '' } }),
    );
    await until('three were opened', () => watches(one.server).length === 3, { timeoutMs: 10_000 });
    const times = watches(one.server).map(({ at }) => at);
    expect(times.slice(1).every((at, index) => at - times[index]! > 900)).toBe(true);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=1', 'b=1']);
  });

  it('waits as long as the API server asks it to', async () => {
    const headers = { 'retry-after': '3' };
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'answer', status: 429, headers, body: {} } }),
    );
    await one.synced();
    const [first, second] = watches(one.server).map(({ at }) => at);
    expect(second! - first!).toBeGreaterThanOrEqual(2990);
  });

  it('that is never answered is given up, and lists take its place meanwhile', async () => {
    const one = await start((server) => server.rules.add({ path: WATCH, times: 1, fault: { do: 'hold' } }), {
      openWithinMs: 1500,
    });
    await edit(one.namespace, 'a', 'listed');
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=listed', 'b=1']);
    await one.synced();
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=listed', 'b=1']);
  });

  it('asks for its credentials again where they have expired', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'answer', status: 401, body: {} } }),
    );
    await one.synced();
    expect(one.lines).toEqual([]);
  });

  it('that ends within something else than events is lost, and nothing of it is told', async () => {
    const one = await start((server) =>
      server.rules.add({ path: WATCH, times: 1, fault: { do: 'answer', status: 200, body: '<html>\n' } }),
    );
    await one.synced();
    expect(one.lines[0]).toMatchObject({ message: 'Lost a watch; trying again', code: 'API_UNAVAILABLE' });
  });
});

describe('a read', () => {
  it('throws while the API server is away, and the cache is back with it', async () => {
    const one = await start();
    await one.synced();
    await one.server.refuseConnections();
    await until('it is noticed', () => !one.cluster.state().synced);
    expect(await complaint(() => one.cluster.read(scope(one.namespace)))).toMatch(/^API_UNREACHABLE/);
    expect(one.cluster.state().waitingFor).toEqual([`configmaps in namespace ${one.namespace}`]);

    await edit(one.namespace, 'a', 'meanwhile');
    await one.server.acceptConnections();
    await one.synced();
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=meanwhile', 'b=1']);
    expect(one.lines.map(({ message }) => message)).toEqual([
      'Lost a watch; trying again',
      'Every watch is back',
    ]);
  });

  it('tells nothing of a list that fails, and all of it when it is back', async () => {
    const namespace = await control.namespace();
    await direct.apply(member(namespace, 'a'), { force: false });
    const one = await watched(control);
    const broken = one.server.rules.add({ fault: { do: 'answer', status: 500, body: {} } });
    const live = await one.cluster.read(scope(namespace));
    expect(live.objects.size).toBe(0);
    expect(live.unread).toMatchObject([{ kind: 'ConfigMap', namespace, code: 'API_UNAVAILABLE' }]);

    broken();
    expect(told(await one.cluster.read(scope(namespace)))).toEqual(['a=1']);
    expect(one.changes).toEqual([]);
  });

  it('shows what became of a write whose answer was lost', async () => {
    const one = await start();
    await one.synced();
    one.server.rules.add({ method: 'PATCH', times: 1, fault: { do: 'lose' } });
    expect(
      await complaint(() => one.cluster.apply(member(one.namespace, 'a', 'lost'), { force: false })),
    ).toMatch(/^API_UNAVAILABLE/);
    await until('it is told', () => one.changes.length === 1);
    expect(told(await one.cluster.read(scope(one.namespace)))).toEqual(['a=lost', 'b=1']);
  });
});

describe('without the right to watch', () => {
  async function restricted(verbs: readonly string[]) {
    const namespace = await control.namespace();
    await Promise.all(['a', 'b'].map((name) => direct.apply(member(namespace, name), { force: false })));
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs }];
    const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await control.api.json('POST', `${root}/roles`, { metadata: { name: 'reader' }, rules });
    await control.api.json('POST', `${root}/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    });
    const kubeconfig = await control.kubeconfigFor({ namespace, serviceAccount: 'default' });
    const guest = await openKubeCluster({ kubeconfig, env: {} });
    onTestFinished(() => guest.close());
    const { log, lines } = keptLog();
    const clock = { addedMs: 0, now: () => new Date(Date.now() + clock.addedMs) };
    const parent = configMap(namespace, 'parent');
    const cluster = openWatchedCluster(guest, { log, clock, remembered: [parent] });
    onTestFinished(() => cluster[Symbol.asyncDispose]());
    const changes: string[] = [];
    cluster.onChange(({ id }) => changes.push(id));
    return { namespace, cluster, lines, clock, changes, parent };
  }

  it('lists take the place of watches, which is said once', async () => {
    const one = await restricted(['get', 'list']);
    const wanted = [configMap(one.namespace, 'missing')];
    await one.cluster.read(scope(one.namespace, { wanted }));
    await until('it is said', () => one.lines.length > 0);
    await edit(one.namespace, 'a', 'changed');
    expect(told(await one.cluster.read(scope(one.namespace, { wanted })))).toEqual(['a=changed', 'b=1']);
    expect(await one.cluster.get(one.parent)).toBeUndefined();
    await until('it waits for no watch', () => one.cluster.state().synced);
    expect(one.cluster.state().watches).toBe(0);

    // The belt is what notices a change that nobody asks for.
    await edit(one.namespace, 'b', 'noticed');
    one.changes.length = 0;
    one.clock.addedMs += 2 * TEN_MINUTES;
    await until('it is told', () => one.changes.length > 0);
    expect(one.changes).toEqual([`v1/ConfigMap/${one.namespace}/b`]);
    expect(one.lines.filter(({ message }) => message === 'May not watch; listing instead')).toMatchObject([
      {
        level: 'warn',
        resource: 'configmaps',
        code: 'API_FORBIDDEN',
        hint: expect.stringContaining('"watch"'),
      },
    ]);
  });

  it('what may not even be listed is unread, and a remembered object is asked for by its name', async () => {
    const one = await restricted(['get']);
    const live = await one.cluster.read(scope(one.namespace));
    expect(live.objects.size).toBe(0);
    expect(live.unread).toMatchObject([{ kind: 'ConfigMap', code: 'API_FORBIDDEN' }]);
    await direct.apply(one.parent, { force: false });
    expect(await one.cluster.get(one.parent)).toMatchObject({ data: { a: '1' } });
    expect(one.cluster.state().blocked).toHaveLength(2);
  });
});
