import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { freePort } from '../cluster/ports.ts';
import { run, type Result } from '../cluster/run.ts';
import { runGit } from '../support/git-command.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODES = 12;
/** Nodes of the newer kernel, for which drivers are built. */
const UPGRADED = 8;

/** A process that was started and has not ended. */
export interface Started {
  /** Sends it SIGTERM, and waits for its end. */
  stop(): Promise<{ readonly log: string; readonly exitCode: number | null }>;
}

/** A real cluster, a real git server and an author's clone, all on this machine and for one story. */
export class Stage {
  readonly controlPlane: ControlPlane;
  readonly repository: string;
  /** The author's clone of the repository. */
  readonly clone: string;
  readonly #folder: string;
  readonly #gitServer: GitServer;
  readonly #removeAtExit: () => void;
  readonly #children = new Set<ChildProcess>();
  #over = false;

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
        run: { pollSeconds: 1, listen: `127.0.0.1:${await freePort()}` },
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

  /** Starts weka-gitops as a process that goes on until it is sent SIGTERM. */
  start(args: readonly string[]): Started {
    const child = spawn(process.execPath, [join(ROOT, 'reconciler/main.ts'), ...args], {
      env: this.#environment('info'),
      cwd: this.clone,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.add(child);
    const log = text(child.stderr);
    const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
    return {
      async stop() {
        child.kill('SIGTERM');
        return { log: await log, exitCode: await exitCode };
      },
    };
  }

  #environment(logLevel: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      WEKA_GITOPS_CONFIG: this.config,
      WEKA_GITOPS_LOG_LEVEL: logLevel,
      NO_COLOR: '1',
    };
  }

  /** Runs weka-gitops, the program itself, as a process of its own. */
  async wekaGitops(args: readonly string[], width: number): Promise<Result> {
    if (this.#over) throw new Error('The stage is gone.');
    const env = { ...this.#environment('warn'), COLUMNS: String(width) };
    return run(process.execPath, [join(ROOT, 'reconciler/main.ts'), ...args], { env, cwd: this.clone });
  }

  async git(args: readonly string[]): Promise<string> {
    if (this.#over) throw new Error('The stage is gone.');
    return runGit(this.clone, args);
  }

  async stop(): Promise<void> {
    this.#over = true;
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([this.controlPlane.stop(), this.#gitServer.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
    process.off('exit', this.#removeAtExit);
  }
}
