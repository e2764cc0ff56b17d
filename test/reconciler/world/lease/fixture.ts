import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { type Lease, type LeaseOptions, openLease } from '../../../../reconciler/world/lease/lease.ts';
import { type SharedCluster, sharedCluster } from '../../../cluster/shared.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { folder } from '../kubeapi/fixture.ts';
import { ManualTime } from './manual-time.ts';
import { userName } from '../../../../reconciler/install/account.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { shareOwnRights } from '../../../support/installed-account.ts';

const account = await accountOfFile(await sharedCluster());
/** Namespaces where the account may use the lease. */
const opened = new Map<string, Promise<void>>();

export const NAME = 'weka-gitops';

export interface Contender {
  readonly lease: Lease;
  readonly time: ManualTime;
  /** What stands between it and the API server. */
  readonly server: FaultServer;
  /** Every line that it logged: `warn Lost the lease: it was deleted`. */
  readonly log: string[];
  /** Gets it the lease, which nobody else may hold. */
  acquire(): Promise<void>;
  /** Begins to wait for the lease; ends with the test at the latest. */
  wait(): { readonly acquired: Promise<void>; readonly stop: AbortController };
}

/** One instance that wants the lease of a namespace, with time and a way to the API server of its own. */
export async function aContender(
  control: SharedCluster,
  namespace: string,
  { token, ...options }: Partial<LeaseOptions> & { readonly token?: string } = {},
): Promise<Contender> {
  if (token === undefined) await openedFor(control, namespace);
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const kubeconfig = await server.kubeconfig(path('config'), { token: token ?? account.token });
  const api = new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }));
  onTestFinished(() => api.close());
  const time = new ManualTime();
  const log: string[] = [];
  const line = (level: string) => (fields: object, message: string) => {
    const { why } = fields as { readonly why?: string };
    log.push(`${level} ${message}${why === undefined ? '' : `: ${why}`}`);
  };
  const lease = openLease(api, {
    namespace,
    name: NAME,
    identity: `pod-${randomBytes(2).toString('hex')}`,
    clock: { now: () => new Date() },
    time,
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    ...options,
  });
  onTestFinished(async () => {
    await server.acceptConnections();
    server.rules.clear();
    await lease.release();
  });
  const wait = () => {
    const stop = new AbortController();
    const acquired = lease.acquire(stop.signal);
    acquired.catch(() => {});
    onTestFinished(() => stop.abort(new Error('The test is over.')));
    return { acquired, stop };
  };
  const acquire = async () => {
    await freeLease(control, namespace);
    await lease.acquire(new AbortController().signal);
  };
  return { lease, time, server, log, wait, acquire };
}

async function openedFor(control: SharedCluster, namespace: string): Promise<void> {
  const sharing =
    opened.get(namespace) ?? shareOwnRights(control, { name: NAME, namespace }, userName(account));
  opened.set(namespace, sharing);
  await sharing;
}

/** Makes the lease as its last holder gave it back, unless there is one: where none is, it is waited for one that was deleted. */
export async function freeLease(control: SharedCluster, namespace: string): Promise<void> {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: NAME, namespace } };
  const { exitCode, stderr } = await control.kubectl(['create', '-f', '-'], { input: JSON.stringify(lease) });
  if (exitCode !== 0 && !/already exists|namespaces .* not found/.test(stderr)) throw new Error(stderr);
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

const collection = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

/** What is written in the lease of a namespace. */
export async function written(control: SharedCluster, namespace: string): Promise<LeaseSpec> {
  const path = `${collection(namespace)}/${NAME}`;
  return (await control.api.json<{ readonly spec: LeaseSpec }>('GET', path)).spec;
}

/** The lease as an instance left it of which nothing is heard any more. */
export async function heldBySomebody(
  control: SharedCluster,
  namespace: string,
  spec: LeaseSpec = {},
): Promise<void> {
  const lease = {
    metadata: { name: NAME },
    spec: { holderIdentity: 'somebody', leaseDurationSeconds: 15, leaseTransitions: 7, ...spec },
  };
  await control.api.json('POST', collection(namespace), lease);
}

/** Somebody else puts a mark on the lease, which changes its version. */
export async function annotate(control: SharedCluster, namespace: string, value: string): Promise<void> {
  const args = ['annotate', 'lease', NAME, '-n', namespace, `example.com/mark=${value}`, '--overwrite'];
  const { exitCode, stderr } = await control.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Methods of what was asked of leases, in order. */
export function asked({ server }: Contender): readonly string[] {
  return server.requests.filter(({ url }) => url.includes('/leases')).map(({ method }) => method);
}
