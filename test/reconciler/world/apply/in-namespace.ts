import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import type { Cluster } from '../../../../reconciler/ports.ts';
import { type KubeCluster, openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { freePort } from '../../../cluster/ports.ts';
import type { SharedCluster } from '../../../cluster/shared.ts';
import { anObject, podSpec } from '../../../support/objects.ts';
import type { Passes } from './pass.ts';

/** Objects of a type in the namespace of a test. */
export const inNamespace =
  (type: string) =>
  (pass: Passes, name: string, rest: object = {}): KubeObject =>
    anObject(type, name, { metadata: { namespace: pass.namespace }, ...rest });

export function configMap(
  pass: Passes,
  name: string,
  data: Readonly<Record<string, string>> = {},
  rest: object = {},
): KubeObject {
  return inNamespace('v1/ConfigMap')(pass, name, { data, ...rest });
}

/** Without replicas unless told otherwise, so that nothing has to run. */
export function deployment(pass: Passes, name: string, pod: object = {}, replicas = 0): KubeObject {
  return inNamespace('apps/v1/Deployment')(pass, name, {
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: podSpec({ ...pod }) },
    },
  });
}

/** What makes a pod mount a Secret. */
export function mounts(secret: string): object {
  return { volumes: [{ name: 'secret', secret: { secretName: secret } }] };
}

/** What people do beside us. A command that fails throws. */
export function handsOn(control: SharedCluster) {
  const kubectl = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await control.kubectl(args);
    if (exitCode !== 0) throw new Error(stderr);
  };
  const patch = (pass: Passes, target: string, change: object, type = 'merge') =>
    kubectl('patch', target, '-n', pass.namespace, '--type', type, '-p', JSON.stringify(change));
  return { kubectl, patch };
}

/** `cluster` that tells `onApply` of each object before it is applied. */
export function watched(cluster: Cluster, onApply: (object: KubeObject) => void | Promise<void>): Cluster {
  return {
    get: (object) => cluster.get(object),
    read: (scope) => cluster.read(scope),
    dryRun: (object, options) => cluster.dryRun(object, options),
    delete: (live) => cluster.delete(live),
    placementFacts: () => cluster.placementFacts(),
    storageFacts: () => cluster.storageFacts(),
    seeNodes: () => cluster.seeNodes(),
    waitGone: (live, timeoutMs) => cluster.waitGone(live, timeoutMs),
    apply: async (object, options) => {
      await onApply(object);
      return await cluster.apply(object, options);
    },
  };
}

/** A cluster whose API server does not answer. */
export async function nobody(control: SharedCluster): Promise<KubeCluster> {
  const name = 'nobody';
  const kubeconfig = `${control.address.folder}/${randomUUID()}.kubeconfig`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${await freePort()}` } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return await openKubeCluster({ kubeconfig, env: {} });
}
