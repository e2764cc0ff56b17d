import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';

/** The processes of a control plane. */
export type PartName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok';

/** Files and ports that the parts share. */
export interface Layout {
  readonly folder: string;
  readonly ports: Readonly<Record<'apiServer' | 'controllerManager' | 'scheduler', number>>;
  readonly withControllerManager: boolean;
  readonly withAuditLog: boolean;
}

export interface PartPlan {
  readonly args: readonly string[];
  /** Whether it does its work now. Absent where nothing waits for it. */
  readonly isReady?: () => Promise<boolean>;
}

export const files = (folder: string) => ({
  authority: { certificate: join(folder, 'ca.crt'), key: join(folder, 'ca.key') },
  server: { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') },
  serviceAccountKey: join(folder, 'service-account.key'),
  adminKubeconfig: join(folder, 'admin.kubeconfig'),
  etcdSocket: join(folder, 'etcd.sock'),
  auditPolicy: join(folder, 'audit-policy.json'),
  auditLog: join(folder, 'audit.log'),
  kwokStages: join(folder, 'kwok-stages.yaml'),
});

export const serverAddress = (port: number) => `https://127.0.0.1:${port}`;

/** The command line of each part, and how to see that it is ready. */
export const partPlans: Readonly<Record<PartName, (layout: Layout) => PartPlan>> = {
  etcd: ({ folder }) => {
    const { etcdSocket } = files(folder);
    // Sockets instead of ports: nobody else on the machine gets in, and nothing can collide. What is advertised has to
    // look like host and port, though nobody reads it, and the peers' socket is a file of that name.
    const advertised = 'unix://etcd:2380';
    return {
      args: [
        `--data-dir=${join(folder, 'etcd')}`,
        `--listen-client-urls=unix://${etcdSocket}`,
        `--advertise-client-urls=${advertised}`,
        `--listen-peer-urls=${advertised}`,
        `--initial-advertise-peer-urls=${advertised}`,
        `--initial-cluster=default=${advertised}`,
        // The data dies with the control plane.
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
      isReady: () => answersOk(httpRequest({ socketPath: etcdSocket, path: '/health' })),
    };
  },

  'kube-apiserver': ({ folder, ports, withControllerManager, withAuditLog }) => {
    const { authority, server, serviceAccountKey, etcdSocket, auditPolicy, auditLog } = files(folder);
    return {
      args: [
        `--etcd-servers=unix://${etcdSocket}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        // A loopback address may not stand in the endpoints of the `kubernetes` service.
        '--endpoint-reconciler-type=none',
        `--secure-port=${ports.apiServer}`,
        `--tls-cert-file=${server.certificate}`,
        `--tls-private-key-file=${server.key}`,
        `--client-ca-file=${authority.certificate}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${serviceAccountKey}`,
        `--service-account-signing-key-file=${serviceAccountKey}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        // Nobody else makes the service account that every pod would have to wait for, or clears a new node's taint.
        ...(withControllerManager
          ? []
          : ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition']),
        '--allow-privileged',
        '--service-cluster-ip-range=10.96.0.0/16',
        ...(withAuditLog ? [`--audit-policy-file=${auditPolicy}`, `--audit-log-path=${auditLog}`] : []),
      ],
      isReady: () => isHealthy(ports.apiServer, '/readyz'),
    };
  },

  'kube-controller-manager': ({ folder, ports }) => {
    const { authority, server, serviceAccountKey, adminKubeconfig } = files(folder);
    return {
      args: [
        `--kubeconfig=${adminKubeconfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${ports.controllerManager}`,
        `--tls-cert-file=${server.certificate}`,
        `--tls-private-key-file=${server.key}`,
        '--controllers=*',
        // By default it may ask 20 times a second, and takes seconds to get its controllers their tokens.
        '--kube-api-qps=1000',
        '--kube-api-burst=1000',
        // A new node waits for one such period until pods may run on it.
        '--node-monitor-period=500ms',
        '--use-service-account-credentials',
        `--service-account-private-key-file=${serviceAccountKey}`,
        `--root-ca-file=${authority.certificate}`,
        `--cluster-signing-cert-file=${authority.certificate}`,
        `--cluster-signing-key-file=${authority.key}`,
        '--leader-elect=false',
      ],
      isReady: () => isHealthy(ports.controllerManager, '/healthz'),
    };
  },

  'kube-scheduler': ({ folder, ports }) => {
    const { server, adminKubeconfig } = files(folder);
    return {
      args: [
        `--kubeconfig=${adminKubeconfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${ports.scheduler}`,
        `--tls-cert-file=${server.certificate}`,
        `--tls-private-key-file=${server.key}`,
        '--leader-elect=false',
      ],
      isReady: () => isHealthy(ports.scheduler, '/readyz'),
    };
  },

  kwok: ({ folder }) => {
    const { adminKubeconfig, kwokStages } = files(folder);
    return {
      args: [
        `--kubeconfig=${adminKubeconfig}`,
        `--config=${kwokStages}`,
        '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
        '--node-lease-duration-seconds=40',
      ],
    };
  },
};

/** These paths answer anyone. The certificate is not checked: whoever else listened would be found out right after. */
function isHealthy(port: number, path: string): Promise<boolean> {
  return answersOk(httpsRequest({ host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false }));
}

function answersOk(request: ReturnType<typeof httpRequest>): Promise<boolean> {
  return new Promise((resolve) => {
    request.setTimeout(2_000, () => request.destroy());
    request.once('response', (response) => resolve(response.resume().statusCode === 200));
    request.once('error', () => resolve(false));
    request.end();
  });
}
