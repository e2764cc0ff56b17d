import { expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { LeaseLostError } from '../../../../reconciler/world/lease/errors.ts';
import { fenced, fencedStatusBranch } from '../../../../reconciler/world/lease/fenced.ts';
import type { Fence } from '../../../../reconciler/world/lease/lease.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { startGitServer } from '../../../support/git-server.ts';
import { recording, STATUS_REF, statusBranchAt } from '../../../support/git-status-fixture.ts';
import { complaint } from '../kubeapi/fixture.ts';
import { behindFaults } from '../live/fixture.ts';
import { aContender } from './fixture.ts';

const control = await sharedCluster();

const settings = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace },
  data: { a: '1' },
});

it('a cluster is written to before the lease is given back, and not after', async () => {
  const namespace = await control.namespace();
  const [holder, { cluster, server }] = [await aContender(control, namespace), await behindFaults(control)];
  const writer = fenced(cluster, holder.lease);
  const object = settings(namespace);
  expect(await complaint(() => writer.apply(object, { force: false }))).toMatch(
    /^LEASE_LOST: .* it was not taken yet\./,
  );
  await holder.acquire();
  const live = await writer.apply(object, { force: false });
  await holder.lease.release();
  const sent = server.requests.length;

  expect(await complaint(() => writer.apply(object, { force: false }))).toMatch(/^LEASE_LOST: /);
  expect(await complaint(() => writer.delete(live))).toMatch(/^LEASE_LOST: .* it was given back\./);
  expect(server.requests).toHaveLength(sent);
});

it('a cluster is read, and asked what it would do, without the lease', async () => {
  const namespace = await control.namespace();
  const { lease } = await aContender(control, namespace);
  const { cluster } = await behindFaults(control);
  const reader = fenced(cluster, lease);
  const object = settings(namespace);

  expect(await reader.dryRun(object, { force: false })).toMatchObject({ result: 'accepted' });
  expect(await reader.get(object)).toBeUndefined();
  const scope = { kinds: [], namespaces: [], wanted: [object], applySet: 'none' };
  expect((await reader.read(scope)).unread).toEqual([]);
});

it('a status branch is told nothing once the lease is lost, even between looking at it and the push', async () => {
  const server = await startGitServer();
  onTestFinished(() => server.stop());
  const repository = await server.createRepository('status');
  let left = Infinity;
  const fence: Fence = {
    assertHeld() {
      if (left-- <= 0) throw new LeaseLostError('system/weka-gitops', 'it was deleted');
    },
  };
  const branch = fencedStatusBranch(statusBranchAt(repository.url), fence);
  await branch.publish(recording('first'));
  const tip = await repository.git(['rev-parse', STATUS_REF]);

  for (const asked of [1, 0]) {
    left = asked;
    expect(await complaint(() => branch.publish(recording('second')))).toMatch(/^LEASE_LOST: /);
  }
  expect(await repository.git(['rev-parse', STATUS_REF])).toBe(tip);
  expect((await branch.read())?.files.map(({ path }) => path)).not.toContain('history/second.json');
});
