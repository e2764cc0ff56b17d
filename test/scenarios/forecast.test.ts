import { expect, it, onTestFinished } from 'vitest';
import { startControlPlane } from '../cluster/control-plane.ts';
import { SharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap, deployment } from '../support/manifests.ts';

/** Objects of ours that a pass keeps for itself. */
const OWN = /\/(leases|namespaces\/i-)|configmaps\/i-[0-9a-f]+\?/;

it('names the writes that really happen, in their order, pass by pass', async () => {
  const control = await startControlPlane({ scheduler: false, auditLog: true });
  onTestFinished(() => control.stop());
  const cluster = new SharedCluster(control.address);
  const installation = await anInstallation(cluster, {});
  const { repository, namespace, run, json } = installation;
  const fixed = (x: string) =>
    JSON.stringify({ ...JSON.parse(configMap(namespace, 'fixed', { x })), immutable: true });
  await repository.commit({
    'a.yaml': configMap(namespace, 'a', { x: '1' }),
    'gone.yaml': configMap(namespace, 'gone'),
    'slow.yaml': configMap(namespace, 'slow'),
    'app.yaml': deployment(namespace, 'app', { configMap: 'a' }),
    'fixed.yaml': fixed('1'),
  });
  expect((await run('reconcile')).exitCode).toBeLessThan(2);

  // Somebody deletes an object that takes its time to go: it is made again once it is gone.
  const slow = ['configmap', 'slow', '-n', namespace];
  await cluster.kubectl([
    'patch',
    ...slow,
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":["example.com/slow"]}}',
  ]);
  await cluster.kubectl(['delete', ...slow, '--wait=false']);
  await repository.commit({
    'a.yaml': configMap(namespace, 'a', { x: '2' }),
    'b.yaml': configMap(namespace, 'b'),
    'gone.yaml': null,
    'app.yaml': deployment(namespace, 'app', { configMap: 'b', replicas: 2 }),
    'fixed.yaml': fixed('2'),
  });

  const { forecast } = await json('plan', '--forecast');
  const foretold = forecast!.passes.map(({ stages }) =>
    stages.flatMap((stage) => stage.flatMap(({ op, target }) => asCalls(op, target))),
  );
  expect(forecast).toMatchObject({ settled: true, left: [], pending: [], unlocks: [], unlocksLeftOut: 0 });
  expect(foretold.map((calls) => calls.length)).toEqual([6, 1]);

  /** Writes of the API server's own log since the last look, by the program. */
  let seen = 0;
  const writes = async (): Promise<readonly string[]> => {
    const marker = `/api/v1/namespaces/${namespace}?marker=${seen}`;
    await control.api.json('GET', marker);
    const log = await until('the audit log is written', async () => {
      const events = await control.auditLog();
      return events.some(({ requestURI }) => requestURI === marker) && events;
    });
    const fresh = log.slice(seen);
    seen = log.length;
    return fresh
      .filter(
        ({ userAgent = '', verb }) =>
          userAgent.startsWith('weka-gitops/') && ['patch', 'delete'].includes(verb),
      )
      .filter(({ requestURI }) => !requestURI.includes('dryRun=') && !OWN.test(requestURI))
      .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}/${objectRef?.name}`);
  };
  await writes();
  await run('reconcile');
  const first = await writes();
  expect(first.toSorted()).toEqual(foretold[0]!.toSorted());
  expect(first.indexOf('patch configmaps/b')).toBeLessThan(first.indexOf('patch deployments/app'));
  expect(first.indexOf('patch deployments/app')).toBeLessThan(first.indexOf('delete configmaps/gone'));

  await cluster.kubectl(['patch', ...slow, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  await run('reconcile');
  expect(await writes()).toEqual(foretold[1]);
  await run('reconcile');
  expect(await writes()).toEqual([]);
});

/** The calls that a write of a forecast takes. */
function asCalls(op: string, target: string): readonly string[] {
  const [kind = '', , name = ''] = target.split('/').slice(-3);
  const resource = `${kind.toLowerCase()}s/${name}`;
  if (op === 'replace') return [`delete ${resource}`, `patch ${resource}`];
  return [`${op === 'prune' ? 'delete' : 'patch'} ${resource}`];
}
