import { expect, it, onTestFinished } from 'vitest';
import { userName } from '../../../../reconciler/install/account.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { openWatchedCluster } from '../../../../reconciler/world/live/watched-cluster.ts';
import { startControlPlane } from '../../../cluster/control-plane.ts';
import { until } from '../../../cluster/until.ts';
import { installedReconciler } from '../../../support/installed-account.ts';
import { CONFIG_MAP, configMap, keptLog, member, scope, SECRET, told } from './watched.ts';

it('an idle reader makes no call by the API server’s own account', async () => {
  const control = await startControlPlane({ controllerManager: false, scheduler: false, auditLog: true });
  onTestFinished(() => control.stop());
  const namespace = 'watched';
  await control.api.json('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  const account = await installedReconciler(control, { name: 'idle', namespace: 'idle-system' });
  const { kubeconfig } = account;
  const plain = await openKubeCluster({ kubeconfig, env: {} });
  onTestFinished(() => plain.close());
  const parent = configMap(namespace, 'parent');
  const cluster = openWatchedCluster(plain, { log: keptLog().log, remembered: [parent] });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const calls = async (): Promise<string[]> =>
    (await control.auditLog())
      .filter(({ user }) => user.username === userName(account))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);

  const wanted = [configMap(namespace, 'theirs'), configMap(namespace, 'missing')];
  const all = scope(namespace, { kinds: [CONFIG_MAP, SECRET], wanted });
  for (const name of ['a', 'b', 'c']) await cluster.apply(member(namespace, name), { force: false });
  await cluster.apply(configMap(namespace, 'theirs'), { force: false });
  await cluster.get(parent);
  await cluster.read(all);
  // Two kinds, two objects that are no members, and the parent.
  await until('all is watched', () => cluster.state().watches === 5);
  // The audit log is written when a request has begun to be answered.
  await until('the watches are in the log', async () => {
    return (await calls()).filter((call) => call.startsWith('watch')).length === 5;
  });

  const before = await calls();
  for (let pass = 0; pass < 200; pass++) {
    expect(await cluster.get(parent)).toBeUndefined();
    expect(told(await cluster.read(all))).toEqual(['a=1', 'b=1', 'c=1', 'theirs=1']);
  }
  // What is asked for by somebody else after it is in the log, so all before it is too.
  await control.api.json('GET', '/api/v1/namespaces/watched');
  await until('the log is written', async () =>
    (await control.auditLog()).some(({ requestURI }) => requestURI === '/api/v1/namespaces/watched'),
  );
  expect((await calls()).slice(before.length)).toEqual([]);
});
