import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { run, type Result } from '../cluster/run.ts';
import { runGit } from '../support/git-command.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODES = 12;
/** Nodes of the newer kernel, for which drivers are built. */
const UPGRADED = 8;

/** A real cluster, a real git server and an author's clone, all on this machine and for one story. */
export class Stage {
  readonly controlPlane: ControlPlane;
  readonly repository: string;
  /** The author's clone of the repository. */
  readonly clone: string;
  readonly #folder: string;
  readonly #gitServer: GitServer;
  readonly #removeAtExit: () => void;

  private constructor(
    parts: Pick<Stage, 'controlPlane' | 'repository' | 'clone'>,
    folder: string,
    gitServer: GitServer,
    removeAtExit: () => void,
  ) {
    this.controlPlane = parts.controlPlane;
    this.repository = parts.repository;
    this.clone = parts.clone;
    this.#folder = folder;
    this.#gitServer = gitServer;
    this.#removeAtExit = removeAtExit;
  }

  /** Brings everything up; `note` is told what is done. On a failure, what was up goes down again. */
  static async set(note: (text: string) => void): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-demo-'));
    const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', removeAtExit);
    const undo: (() => Promise<void>)[] = [];
    try {
      note('Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and KWOK …');
      const controlPlane = await startControlPlane({ kwok: true });
      undo.push(() => controlPlane.stop());
      await controlPlane.addNodes(
        Array.from({ length: NODES }, (_, index) => ({
          name: `node-${index + 1}`,
          labels: { 'weka.io/kernel': index < UPGRADED ? '6.8.0-87-generic' : '5.15.0-91-generic' },
        })),
      );
      note(`Kubernetes is ready at ${controlPlane.server}, with ${NODES} simulated nodes.`);

      const password = randomBytes(12).toString('hex');
      const gitServer = await startGitServer({ users: { demo: password } });
      undo.push(() => gitServer.stop());
      const { url } = await gitServer.createRepository('storage');
      note(`The git server is ready; the repository is ${url}.`);

      const clone = join(folder, 'clone');
      await mkdir(clone);
      await runGit(clone, ['init', '--quiet', '--initial-branch=main', '.']);
      await runGit(clone, ['remote', 'add', 'origin', url.replace('://', `://demo:${password}@`)]);
      await cp(join(ROOT, 'examples-repo'), clone, { recursive: true });

      await writeFile(join(folder, 'password'), password, { mode: 0o600 });
      const config = {
        cluster: 'demo',
        repository: { url, username: 'demo', passwordFile: join(folder, 'password') },
        kubernetes: { kubeconfig: controlPlane.kubeconfig() },
        cacheDir: join(folder, 'cache'),
      };
      await writeFile(join(folder, 'weka-gitops.yaml'), JSON.stringify(config, null, 2));
      return new Stage({ controlPlane, repository: url, clone }, folder, gitServer, removeAtExit);
    } catch (error) {
      for (const step of undo.toReversed()) await step();
      removeAtExit();
      throw error;
    }
  }

  /** The configuration file that weka-gitops runs with. */
  get config(): string {
    return join(this.#folder, 'weka-gitops.yaml');
  }

  /** Runs weka-gitops, the program itself, as a process of its own. */
  async wekaGitops(args: readonly string[], width: number): Promise<Result> {
    const env = {
      ...process.env,
      WEKA_GITOPS_CONFIG: this.config,
      WEKA_GITOPS_LOG_LEVEL: 'warn',
      COLUMNS: String(width),
      NO_COLOR: '1',
    };
    return run(process.execPath, [join(ROOT, 'reconciler/main.ts'), ...args], { env, cwd: this.clone });
  }

  git(args: readonly string[]): Promise<string> {
    return runGit(this.clone, args);
  }

  async stop(): Promise<void> {
    await Promise.all([this.controlPlane.stop(), this.#gitServer.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
    process.off('exit', this.#removeAtExit);
  }
}
