import { describe, expect, it } from 'vitest';
import { liveTraits } from '../../../../reconciler/world/facts/live-traits.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { open } from '../kubeapi/fixture.ts';

const cluster = await sharedCluster();
const { kubeconfig } = await accountOfFile(cluster);

describe('liveTraits', () => {
  it('tells the version of the API server and which pods namespaces take', async () => {
    const [free, closed] = await Promise.all([cluster.namespace(), cluster.namespace()]);
    const label = 'pod-security.kubernetes.io/enforce=baseline';
    expect((await cluster.kubectl(['label', 'namespace', closed, label])).exitCode).toBe(0);
    const api = await open({ kubeconfig, env: {} });
    const { version, podSecurity } = await liveTraits(api, [free, closed, 'not-there-yet']);
    expect(version).toMatch(/^v1\.\d+\.\d+/);
    expect(podSecurity?.get(closed)).toBe('baseline');
    expect(podSecurity?.get(free)).toBe('');
    expect(podSecurity?.get('not-there-yet')).toBe('');
  });

  it('leaves out what may not be read', async () => {
    const namespace = await cluster.namespace();
    const nobody = await cluster.kubeconfigFor({ namespace, serviceAccount: 'default' });
    const api = await open({ kubeconfig: nobody, env: {} });
    const { version, podSecurity } = await liveTraits(api, [namespace]);
    expect(version).toMatch(/^v1\./);
    expect(podSecurity?.has(namespace)).toBe(false);
  });
});
