import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, bundleEntry } from '../../scripts/bundle.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { files } from '../cluster/parts.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { Audit } from './audit.ts';

/** What every part of the bench works on: a control plane and a git server of its own, and the bundled program. */
export interface Bed {
  readonly cluster: ControlPlane;
  readonly git: GitServer;
  readonly audit: Audit;
  /** Of the account that all programs work under. */
  readonly kubeconfig: string;
  /** A folder for whatever is needed; it goes with the bed. */
  readonly folder: string;
  /** Path of the program, bundled as the image has it. */
  readonly program: string;
  /** Paths of the raw loop, and of what only lists; bundled too. */
  readonly rawPatch: string;
  readonly relist: string;
  close(): Promise<void>;
}

const NAMESPACE = 'bench';
const ACCOUNT = 'weka-gitops';

export async function openBed(): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [cluster, git, program, rawPatch, relist] = await Promise.all([
    startControlPlane({
      scheduler: false,
      auditLog: true,
      // What each run leaves behind is deleted between the runs, which is not measured.
      flags: { 'kube-apiserver': ['--delete-collection-workers=16'] },
    }),
    startGitServer(),
    bundle(join(folder, 'program')),
    bundleEntry('raw-patch', join(import.meta.dirname, 'raw-patch.ts'), join(folder, 'raw')),
    bundleEntry('relist', join(import.meta.dirname, 'relist.ts'), join(folder, 'relist')),
  ]);
  await cluster.api.json('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await cluster.api.json('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
    metadata: { name: ACCOUNT },
  });
  await cluster.api.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace: NAMESPACE, name: ACCOUNT }],
  });
  const username = `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`;
  return {
    cluster,
    git,
    folder,
    audit: new Audit(files(cluster.address.folder).auditLog, username),
    kubeconfig: await cluster.kubeconfigFor({ namespace: NAMESPACE, serviceAccount: ACCOUNT }),
    program: program.file,
    rawPatch: rawPatch.file,
    relist: relist.file,
    async close() {
      await Promise.all([cluster.stop(), git.stop()]);
    },
  };
}
