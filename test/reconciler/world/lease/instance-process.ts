import { createInterface } from 'node:readline';
import { ReconcilerError } from '../../../../reconciler/errors.ts';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { fenced } from '../../../../reconciler/world/lease/fenced.ts';
import { openLease } from '../../../../reconciler/world/lease/lease.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';

/**
 * An instance in a process of its own. It wants the lease, and says `held` and `lost`. Each line that it is given is the
 * name of a ConfigMap, which it applies: it says `wrote NAME` or `refused NAME CODE`. It ends with its input.
 */
const [kubeconfig = '', namespace = '', identity = ''] = process.argv.slice(2);

const say = (text: string): void => console.log(text);
const log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
const api = new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }), `${identity}-lease`);
const clock = { now: () => new Date() };
const name = 'weka-gitops';
const lease = openLease(api, { namespace, name, identity, durationMs: 2000, renewMs: 300, clock, log });
const cluster = await openKubeCluster({ kubeconfig, env: {}, userAgent: identity });
const writer = fenced(cluster, lease);
const stop = new AbortController();

lease.onLost(() => say('lost'));
const input = createInterface({ input: process.stdin });
input.on('line', (line) => void write(line));
input.once('close', () => stop.abort());
say('started');
await lease.acquire(stop.signal).catch(() => {});
if (lease.isHeld()) say('held');

async function write(configMap: string): Promise<void> {
  const metadata = { name: configMap, namespace };
  try {
    await writer.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { force: false });
    say(`wrote ${configMap}`);
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    say(`refused ${configMap} ${error.code}`);
  }
}

if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
await lease.release();
await Promise.all([api.close(), cluster.close()]);
