import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../reconciler/core/kube/kinds.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { list } from '../../../../reconciler/world/live/list.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const cluster = await sharedCluster();
const { kubeconfig } = await accountOfFile(cluster);

describe('a list of metadata alone', () => {
  it('is empty where there is nothing', async () => {
    const kind = kindOf({ apiVersion: 'v1', kind: 'Secret' });
    if (kind === undefined) throw new Error('Secrets are not known.');
    const namespace = await cluster.namespace();
    await using live = await openKubeCluster({ kubeconfig, env: {} });
    expect(await list(live.api, { kind, namespace, metadataOnly: true })).toEqual([]);
  });
});
