import { onTestFinished } from 'vitest';
import { type KubeCluster, openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { folder } from '../kubeapi/fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { sharedCluster } from '../../../cluster/shared.ts';

const account = await accountOfFile(await sharedCluster());

/** The cluster as seen through a proxy whose faults the test decides. Both go with the test. */
export async function behindFaults(
  control: Cluster,
): Promise<{ readonly cluster: KubeCluster; readonly server: FaultServer }> {
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const cluster = await openKubeCluster({
    kubeconfig: await server.kubeconfig(path('config'), account),
    env: {},
  });
  onTestFinished(() => cluster.close());
  return { cluster, server };
}
