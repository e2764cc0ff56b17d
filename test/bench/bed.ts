import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userName } from '../../reconciler/install/account.ts';
import { bundle, bundleEntry } from '../../scripts/bundle.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { files } from '../cluster/parts.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { installedPlanner, installedReconciler, shareRights } from '../support/installed-account.ts';
import { Audit } from './audit.ts';

/** What every part of the bench works on: a control plane and a git server of its own, and the bundled program. */
export interface Bed {
  readonly cluster: ControlPlane;
  readonly git: GitServer;
  readonly audit: Audit;
  /** Of the account that all programs work under: it has the rights that are installed for each site, and no others. */
  readonly kubeconfig: string;
  /** Gives that account what is installed for an installation of that name. */
  install(name: string, namespace: string): Promise<void>;
  /** Of the account that pull requests are planned under. */
  readonly plannerKubeconfig: string;
  /** A folder for whatever is needed; it goes with the bed. */
  readonly folder: string;
  /** Path of the program, bundled as the image has it. */
  readonly program: string;
  /** Path of the node agent, bundled beside it. */
  readonly agent: string;
  /** Paths of the raw loop, and of what only lists; bundled too. */
  readonly rawPatch: string;
  readonly relist: string;
  close(): Promise<void>;
}

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
  const [account, planner] = await Promise.all([
    installedReconciler(cluster, { name: 'bench', namespace: 'bench' }),
    installedPlanner(cluster),
  ]);
  return {
    cluster,
    git,
    folder,
    audit: new Audit(files(cluster.address.folder).auditLog, [account, planner].map(userName)),
    kubeconfig: account.kubeconfig,
    async install(name, namespace) {
      await installedReconciler(cluster, { name, namespace });
      await shareRights(cluster, { name, namespace }, userName(account));
    },
    plannerKubeconfig: planner.kubeconfig,
    program: program.file,
    agent: program.agent.file,
    rawPatch: rawPatch.file,
    relist: relist.file,
    async close() {
      await Promise.all([cluster.stop(), git.stop()]);
    },
  };
}
